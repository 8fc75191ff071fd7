import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";

/** A host that says "cuda" and computes on the CPU: it keeps every promise of a host, so what chooses devices can be tested without one. */
export async function fakeCuda(): Promise<Host> {
  const host = await createHost({ kind: "in-process", device: "cpu" });
  return {
    device: "cuda",
    kind: host.kind,
    load: (program, options) => host.load(program, options),
    put: (tensor) => host.put(tensor),
    read: (handle) => host.read(handle),
    release: (...handles) => host.release(...handles),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
