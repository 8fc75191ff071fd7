import { graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { programOf } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { encode, type VqganConfig } from "@prosopon/vqgan";

export interface LatentEncoder extends AsyncDisposable {
  /** Channels, height and width of a latent. */
  readonly shape: readonly [number, number, number];
  /** Numbers of a latent. */
  readonly size: number;
  /** Planes [N, 3, side, side] in [-1, 1] as latents before quantisation and scaling, [N, ...shape]. */
  encode(planes: Float32Array): Promise<Float32Array>;
}

export interface LatentEncoderOptions {
  readonly config: VqganConfig;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Of the pictures, in pixels. */
  readonly side: number;
}

const batch = 16;

/** A first stage's encoder in this process. */
export async function createLatentEncoder({ config, weights, side }: LatentEncoderOptions): Promise<LatentEncoder> {
  const host = await createHost({ kind: "in-process" });
  const g = graph();
  const h = output(g, "h", encode(scope(g), input(g, "image", "float32", [batch, 3, side, side]), config));
  const session = await host.load(programOf(g, Object.fromEntries(weights)));
  const shape = h.shape.slice(1) as [number, number, number];
  const size = shape.reduce((a, b) => a * b, 1);
  const area = 3 * side * side;
  return {
    shape,
    size,
    async encode(planes) {
      const count = planes.length / area;
      const latents = new Float32Array(count * size);
      for (let from = 0; from < count; from += batch) {
        const image = tensor("float32", [batch, 3, side, side]);
        image.data.set(planes.subarray(from * area, (from + batch) * area));
        const found = (await session.run({ image }))["h"]!.data as Float32Array;
        latents.set(found.subarray(0, Math.min(batch, count - from) * size), from * size);
      }
      return latents;
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
