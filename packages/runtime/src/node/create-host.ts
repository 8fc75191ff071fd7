import { ProsoponError } from "@prosopon/errors";
import type { DeviceName, DeviceReport } from "../device.ts";
import type { Host } from "../host.ts";
import { bestDevice } from "./best-device.ts";
import { device as report } from "./devices.ts";
import { checkHostOptions } from "./host-options.ts";
import { type SpawnedHost, type SpawnedHostOptions, spawnedHost } from "./spawned-host.ts";

export interface CreateHostOptions extends Omit<SpawnedHostOptions, "device"> {
  /** Default: "cpu". "auto": the first of cuda, webgpu (with a graphics card behind it) and cpu that works; the host's `fallback` tells why. */
  readonly device?: DeviceName | "auto";
  /** "spawned" (default): in a child process. "in-process": here, where `run` blocks the event loop; for a process that does nothing else. */
  readonly kind?: "spawned" | "in-process";
}

/**
 * Opens a host. Close it with `await using` or `Symbol.asyncDispose`.
 * @throws `unavailable` when the device does not work here, with the reason and what to do; `bad-input` for an option out of range.
 */
export async function createHost(options?: CreateHostOptions & { readonly kind?: "spawned" }): Promise<SpawnedHost>;
export async function createHost(options?: CreateHostOptions): Promise<Host>;
export async function createHost(options: CreateHostOptions = {}): Promise<Host> {
  const { device: wanted = "cpu", kind = "spawned", graceMilliseconds, ...rest } = options;
  checkHostOptions({ ...rest });
  const { device, fallback } = wanted === "auto" ? await bestDevice() : { device: wanted, fallback: undefined };
  if (device !== "cpu" && wanted !== "auto") {
    const found = await report(device);
    if (!found.available) throw unavailable(found);
  }
  const grace = graceMilliseconds === undefined ? {} : { graceMilliseconds };
  // Imported only here, so that the parent of a spawned host never loads the runtime's native code.
  const host =
    kind === "spawned"
      ? spawnedHost({ ...rest, ...grace, device })
      : (await import("./in-process-host.ts")).inProcessHost({ ...rest, device });
  return fallback === undefined ? host : { ...host, fallback };
}

const unavailable = ({ name, reason, mend }: DeviceReport): ProsoponError =>
  new ProsoponError("unavailable", `The device "${name}" does not work here: ${reason}`, {
    values: { device: name },
    ...(mend === undefined ? {} : { mend }),
  });
