import { ProsoponError } from "@prosopon/errors";
import type { DeviceName } from "../device.ts";

/** How a host runs its sessions. */
export interface HostOptions {
  /** Default: "cpu". */
  readonly device?: DeviceName;
  /** Threads within one operator. Default: the physical cores that this process may use. */
  readonly threads?: number;
  /** How far the runtime rewrites models. Default: "all". */
  readonly graphOptimization?: "disabled" | "basic" | "extended" | "all";
  /** Whether threads wait for their next work in a loop. Default: true, which is faster while this host has its cores to itself. */
  readonly spinning?: boolean;
  /** Whether operators that the device lacks run on the CPU instead of being refused. Default: true. */
  readonly cpuFallback?: boolean;
  /**
   * Whether the runtime plans one block for all intermediate values after the first run. It keeps the first run's blocks too, so that without the
   * plan a training step's peak was 0.6 of that with it (270 MiB for 466). Default: true.
   */
  readonly memoryPattern?: boolean;
  /**
   * Whether the runtime keeps an arena of freed memory. Without it the C library does, with less waste where sizes differ much: a training step's
   * peak was 722 MiB for 815. It must be told to keep large blocks then (GLIBC_TUNABLES, as `trainInChild` of the recipes does), or new pages cost
   * more than what they hold. Default: true.
   */
  readonly arena?: boolean;
  /** How many keyed sessions stay open. Default: 8. */
  readonly modelCacheSize?: number;
}

/** @throws `bad-input` for a number that is not a positive whole one. */
export function checkHostOptions(options: HostOptions): void {
  for (const name of ["threads", "modelCacheSize"] as const) {
    const value = options[name];
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new ProsoponError("bad-input", `${name} must be a positive whole number, not ${value}.`, {
        values: { [name]: value },
      });
  }
}
