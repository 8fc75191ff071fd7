import { ProsoponError } from "@prosopon/errors";
import { type Host, sessionPool, tensorOf } from "@prosopon/runtime";
import type { Planes } from "./planes.ts";
import { decodeProgram, encodeProgram, type FirstStage } from "./programs.ts";

export interface CreateReconstructorOptions {
  readonly host: Host;
  readonly firstStage: FirstStage;
}

/** What a first stage makes of pictures that nobody edited: the reference that edits are compared with in the thesis. */
export interface Reconstructor extends AsyncDisposable {
  /** [B, 3, H, W] in -1..1 -> the same shape, not clamped. @throws `bad-input` for a side that cannot be halved often enough, `cancelled`. */
  reconstruct(image: Planes, options?: { readonly signal?: AbortSignal }): Promise<Planes>;
}

/** A session for encoder and decoder of each shape that comes. */
export function createReconstructor({ host, firstStage }: CreateReconstructorOptions): Reconstructor {
  const factor = 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
  const sessions = sessionPool<string>();

  async function run(
    kind: "image" | "latent",
    fed: Planes,
    options: { readonly signal?: AbortSignal },
  ): Promise<Planes> {
    const program = kind === "image" ? encodeProgram : decodeProgram;
    const session = await sessions.get(`${kind} ${fed.shape}`, () => host.load(program(firstStage, 1, fed.shape)));
    return tensorOf(await session.run({ [kind]: fed }, options), "result") as Planes;
  }

  return {
    async reconstruct(image, options = {}) {
      const [, , height, width] = image.shape as readonly [number, number, number, number];
      if (height % factor || width % factor)
        throw new ProsoponError("bad-input", `The first stage cannot reconstruct ${width} x ${height} pixels.`, {
          values: { width, height, factor },
          mend: `Give aligned faces whose sides are multiples of ${factor}, such as 128 x 128.`,
        });
      return run("latent", await run("image", image, options), options);
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
