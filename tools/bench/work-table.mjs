import { denoiserRecipe, firstStageRecipe, portraitFirstStage, portraitUnet, talkRecipe } from "@prosopon/recipes/node";
import { decodeGraph, encodeGraph, unetGraph } from "./networks.mjs";

/** Share of the Gemm rate that a training step reaches on the whole: a third to a half, so the hours are a guess on the safe side. */
const trainingShare = 0.35;
/** Building, loading and pauses of a benchmark, in seconds. */
const overhead = 10;

/**
 * What there is to compute, before it is computed.
 * @param {number} rate FLOP/s of a large Gemm on this machine just now
 */
export async function workTable(benchmarks, options, rate) {
  const rows = [];
  let seconds = 0;
  for (const benchmark of benchmarks) {
    seconds += overhead;
    if (!benchmark.flops) continue;
    const { runs, share } = benchmark.work(options);
    for (const { parameters, forward, run, what } of [await benchmark.flops(options)].flat()) {
      const took = (runs * run) / (rate * share);
      seconds += took;
      rows.push({ name: benchmark.name, what, parameters, forward, run, runs, seconds: took });
    }
  }
  return { rows, seconds };
}

/** Hours that the default recipes train, at the Gemm rate of this machine. */
export function trainingTable(rate) {
  const side = portraitFirstStage.ddconfig.resolution;
  const small = side / 2 ** (portraitFirstStage.ddconfig.ch_mult.length - 1);
  const unet = unetGraph(portraitUnet, [portraitUnet.in_channels, small, small]);
  const [encode, decode] = [encodeGraph(portraitFirstStage, side), decodeGraph(portraitFirstStage, side)];
  return [
    { recipe: firstStageRecipe, forward: encode.flops + decode.flops },
    { recipe: denoiserRecipe, forward: unet.flops },
    // Its U-Net is the same but for its first layer.
    { recipe: talkRecipe, forward: unet.flops },
  ].map(({ recipe: { name, defaults }, forward }) => {
    const flops = 3 * forward * defaults.batch * defaults.steps;
    return { name, ...defaults, forward, flops, hours: flops / (rate * trainingShare) / 3600 };
  });
}
