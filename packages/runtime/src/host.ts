import type { Tensor } from "@prosopon/graph";
import type { DeviceName } from "./device.ts";
import type { Program } from "./program.ts";
import type { Handle, Session } from "./session.ts";

export interface LoadOptions {
  /**
   * Names the program in the host's session cache, for instance a hash and the shapes: a second load under the same key shares the session.
   * The least recently used of too many keyed sessions is closed, and opened again when it is next run.
   */
  readonly key?: string;
  readonly signal?: AbortSignal;
}

/** What runs programs on one device: a child process, or this process. Closing it ends its sessions and handles. */
export interface Host extends AsyncDisposable {
  readonly device: DeviceName;
  readonly kind: "spawned" | "in-process";
  /** Why `device` is not the one that "auto" would rather have taken. */
  readonly fallback?: string;
  /**
   * @throws `bad-graph` when the runtime refuses the model; `not-found` or `bad-file` for a parameter's bytes; `bad-input` for a parameter that
   * does not fit its shape or for more than 2 GiB of baked-in parameters.
   */
  load(program: Program, options?: LoadOptions): Promise<Session>;
  /** Moves a tensor to where the sessions are. */
  put(tensor: Tensor): Promise<Handle>;
  /** Fetches a tensor. The handle stays valid. @throws `bad-input` for a handle that was released or is another host's; `crashed` when it died with its child process. */
  read(handle: Handle): Promise<Tensor>;
  /** Frees tensors. Unknown and released handles are passed over. */
  release(...handles: Handle[]): void;
}
