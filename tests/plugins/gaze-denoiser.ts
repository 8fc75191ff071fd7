import { conditions } from "@prosopon/conditioning";
import { type Denoiser, denoiser, type UnetConfig, unet } from "@prosopon/core-diffusion";
import { encodeModel, graph, input, output, type Tensor, tensor } from "@prosopon/graph";
import { type ParameterSpec, scope } from "@prosopon/nn";
import { type Host, tensorOf } from "@prosopon/runtime";
import { type Gaze, gaze } from "./gaze.ts";

export interface GazeDenoiserOptions {
  readonly host: Host;
  readonly config: UnetConfig & { readonly context_dim: number };
  /** [B, C, h, w]. */
  readonly shape: readonly [number, number, number, number];
  /** One for each sample. */
  readonly gazes: readonly Gaze[];
  /** Values of the parameters that the graph declares; `initialize(parameters, seed)` of `nn` gives untrained ones. */
  readonly weights: (parameters: Iterable<ParameterSpec>) => ReadonlyMap<string, Tensor>;
}

/** A U-Net that is told where to look, as samplers want it. */
export async function gazeDenoiser({ host, config, shape, gazes, weights }: GazeDenoiserOptions): Promise<Denoiser> {
  const [batch] = shape;
  const g = graph();
  const top = scope(g);
  const told = conditions({ gaze: gaze({ size: config.context_dim }) });
  const { tokens } = told.encode(top, { batch }).injected();
  const [x, t] = [input(g, "x", "float32", shape), input(g, "t", "float32", [batch])];
  output(g, "y", unet(top.at("model"), { x, t, context: tokens }, config));
  const parameters = Object.fromEntries(weights(top.parameters.values()));
  const session = await host.load({ model: encodeModel(g, { parameters: "initializers" }), parameters });
  const feeds = await told.feeds({ gaze: gazes });
  return denoiser(async (noisy, time) => {
    const t = tensor("float32", [batch], new Float32Array(batch).fill(time));
    const outputs = await session.run({ x: tensor("float32", shape, noisy), t, ...feeds });
    return tensorOf(outputs, "y").data as Float32Array;
  });
}
