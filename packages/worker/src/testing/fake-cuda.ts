import { ProsoponError } from "@prosopon/errors";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";

export interface FakeCudaOptions {
  /** Whether the device is gone now, as after a driver's reset; default never. */
  readonly lost?: () => boolean;
}

/** A host that says "cuda" and computes on the CPU: it keeps every promise of a host, so what chooses devices can be tested without one. */
export async function fakeCuda({ lost = () => false }: FakeCudaOptions = {}): Promise<Host> {
  const host = await createHost({ kind: "in-process", device: "cpu" });
  const there = (): Host => {
    if (lost()) throw new ProsoponError("unavailable", 'The device "cuda" is gone.', { values: { device: "cuda" } });
    return host;
  };
  return {
    device: "cuda",
    kind: host.kind,
    async load(program, options) {
      const session = await there().load(program, options);
      const run: typeof session.run = async (feeds: Parameters<typeof session.run>[0], call?: object) => {
        there();
        return session.run(feeds, call);
      };
      return { ...session, run };
    },
    put: async (tensor) => there().put(tensor),
    read: async (handle) => there().read(handle),
    release: (...handles) => host.release(...handles),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
