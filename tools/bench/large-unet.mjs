import { tensor } from "@prosopon/graph";
import { filledParameters, normal } from "./filled.mjs";
import { openGemm } from "./gemm.mjs";
import { interleave, timed } from "./interleave.mjs";
import { program, thesisUnet, tiny, unetGraph } from "./networks.mjs";
import { median, pairedRatio, summary } from "./statistics.mjs";

/** FLOPs of one evaluation as usually quoted for this network; ours counts about a hundredth more, so this is the stricter number. */
const nominal = 43.9e9;

const netOf = ({ quick }) =>
  quick ? { config: tiny.config, latent: tiny.latent } : { config: thesisUnet, latent: [3, 32, 32] };

export const largeUnet = {
  name: "large-unet",
  description: "the thesis' U-Net at batch 1 against a large Gemm",
  flops: (options) => {
    const { config, latent } = netOf(options);
    const { parameters, flops } = unetGraph(config, latent);
    return { parameters, forward: flops, run: flops, what: "evaluation" };
  },
  work: ({ rounds, steps }) => ({ runs: 2 * rounds * (steps + 1), share: 0.8 }),
  async run(options) {
    const { host, rounds, steps, quick, gemmSize } = options;
    const { config, latent } = netOf(options);
    const net = unetGraph(config, latent);
    const flops = quick ? net.flops : nominal;
    const gemm = await openGemm(host, gemmSize);
    const session = await host.load(program(net, filledParameters(net.specifications)));
    try {
      const feeds = {
        x: normal("x", [1, ...latent]),
        t: tensor("float32", [1], [500]),
        context: normal("context", [1, 1, config.context_dim]),
      };
      const turns = await interleave(
        { Gemm: () => gemm.turn(steps), "U-Net": () => timed(() => session.run(feeds), steps) },
        { rounds },
      );
      const rows = [
        ["Gemm", gemm.flops],
        ["U-Net", flops],
      ].map(([label, work]) => {
        const samples = turns[label].flat();
        return { label, unit: "ms", ...summary(samples), rate: work / median(samples) / 1e6 };
      });
      // Time of the Gemm for as many operations, over the time of the U-Net.
      const share = pairedRatio(turns.Gemm, turns["U-Net"]) * (flops / gemm.flops);
      return {
        parameters: net.parameters,
        measurements: rows,
        ratios: [{ label: "share of the Gemm rate", value: share, atLeast: 0.85 }],
        notes: [`${(flops / 1e9).toFixed(1)} GFLOP nominal, ${(net.flops / 1e9).toFixed(1)} in the graph's products.`],
      };
    } finally {
      await session[Symbol.asyncDispose]();
      await gemm[Symbol.asyncDispose]();
    }
  },
};
