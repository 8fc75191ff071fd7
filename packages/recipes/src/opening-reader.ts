import type { LatentShape } from "@prosopon/conditioning";
import { add, cast, concat, less, mul, reduceMean, reshape, silu, square, sub, type Value } from "@prosopon/graph";
import { conv2d, linear, type Scope } from "@prosopon/nn";
import { compileStep } from "@prosopon/training";
import { cosineAdam } from "./cosine-adam.ts";
import { trulyShut } from "./truly-shut.ts";

/** Where it keeps its weights while a talking face learns from it. */
export const readerPlace = "reader";

/** Mean and spread of mouths' openings, so that what is read is of about one. */
const [middle, spread] = [0.1, 0.09];

/**
 * How far lips are apart, [B] in units of the distance between the eyes: seen in a latent that is denoised [B, C, h, w] beside that of the identity
 * picture. A small network that is thrown away when a talking face has learned from it.
 */
export function openingOf(scope: Scope, latent: Value, identity: Value): Value {
  const [batch] = latent.shape as [number];
  const place = scope.at(readerPlace);
  const layer = (x: Value, name: string, stride: number) =>
    silu(conv2d(place.at(name), x, { outputs: 32, kernel: 3, padding: 1, stride }));
  const seen = layer(layer(layer(concat([latent, identity], 1), "first", 1), "second", 2), "third", 2);
  const size = seen.shape.slice(1).reduce((a, b) => a * b, 1);
  return add(
    mul(reshape(linear(place.at("last"), reshape(seen, [batch, size]), { outputs: 1 }), [batch]), spread),
    middle,
  );
}

/** Error of readings [B], about one for a mouth that does not move; that of shut mouths counts `shut` times. */
export function misread(read: Value, opening: Value, shut = 1): Value {
  const weight = add(mul(cast(less(opening, trulyShut), "float32"), shut - 1), 1);
  return mul(reduceMean(mul(square(sub(read, opening)), weight)), 1 / spread ** 2);
}

export interface ReaderStepOptions {
  readonly latent: LatentShape;
  readonly batch: number;
  readonly steps: number;
}

/** One step of reading in true latents. */
export const readerStep = ({ latent, batch, steps }: ReaderStepOptions) => {
  const shape = [batch, ...latent];
  return compileStep({
    name: "opening-reader",
    inputs: { latent: { shape }, identity: { shape }, opening: { shape: [batch] } },
    build: ({ scope, inputs }) => ({
      losses: { reader: misread(openingOf(scope, inputs.latent, inputs.identity), inputs.opening) },
    }),
    losses: { reader: cosineAdam({ learningRate: 2e-3, steps, warm: 100, weightDecay: 0.05 }) },
    average: { decay: 0.99 },
  });
};
