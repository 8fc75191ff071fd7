import { observedRanges, observeRanges, quantize, tensor } from "@prosopon/graph";
import { vqganConfig } from "@prosopon/vqgan";
import { defaultParts } from "./default-parts.mjs";
import { filledParameters, normal } from "./filled.mjs";
import { interleave, timed } from "./interleave.mjs";
import { decodeGraph, program, thesisUnet, tiny, unetGraph } from "./networks.mjs";
import { median, pairedRatio, summary } from "./statistics.mjs";

/** The thesis' first stage for pictures of 256 x 256. */
const thesisStage = vqganConfig({
  embed_dim: 3,
  n_embed: 16384,
  ddconfig: { z_channels: 3, resolution: 256, ch: 128, ch_mult: [1, 2, 4], num_res_blocks: 2, attn_resolutions: [] },
});

const unetFeeds = (config, latent, batch) => ({
  x: normal("x", [batch, ...latent]),
  t: tensor("float32", [batch], new Array(batch).fill(500)),
  context: normal("context", [batch, 1, config.context_dim]),
});

/** Every network with its weights and what it is fed; `turns` are repetitions within a turn, `parameters` are made when they are needed. */
async function networks({ quick, steps }) {
  const { firstStage, denoiser, side } = await defaultParts();
  const small = side / 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
  const { unet } = denoiser.config;
  const under = (parameters, prefix) => (specifications) =>
    Object.fromEntries(specifications.map(({ name }) => [name, parameters[`${prefix}${name}`]]));
  const netOf = (what, config, latent, batch, parameters, turns) => ({
    what,
    net: unetGraph(config, latent, batch),
    feeds: unetFeeds(config, latent, batch),
    parameters,
    turns,
  });
  const decoderOf = (what, config, size, parameters, turns) => {
    const side = size / 2 ** (config.ddconfig.ch_mult.length - 1);
    const x = normal("latent", [1, config.embed_dim, side, side]);
    return { what, net: decodeGraph(config, size), feeds: { x }, parameters, turns };
  };
  const defaults = [
    decoderOf("default decoder", firstStage.config, side, under(firstStage.parameters, ""), 4 * steps),
    netOf(
      "default U-Net, batch 2",
      unet,
      [unet.in_channels, small, small],
      2,
      under(denoiser.parameters, "model.diffusion_model."),
      4 * steps,
    ),
  ];
  if (quick) return [netOf("tiny U-Net", tiny.config, tiny.latent, 2, filledParameters, steps), ...defaults];
  return [
    netOf("thesis' U-Net, batch 1", thesisUnet, [3, 32, 32], 1, filledParameters, steps),
    netOf("thesis' U-Net, batch 2", thesisUnet, [3, 32, 32], 2, filledParameters, steps),
    decoderOf("thesis' decoder, 256 x 256", thesisStage, 256, filledParameters, 1),
    ...defaults,
  ];
}

/** A graph and its int8 sibling by the ranges of these very feeds: speed does not depend on them. */
async function openBoth(host, { net, feeds, parameters }) {
  const weights = parameters(net.specifications);
  const open = (graph) => host.load(program({ graph }, weights));
  const observed = await open(observeRanges(net.graph));
  const ranges = observedRanges(await observed.run(feeds));
  await observed[Symbol.asyncDispose]();
  return { float32: await open(net.graph), int8: await open(quantize(net.graph, ranges)) };
}

export const int8 = {
  name: "int8",
  description: "networks in int8 against the same in float32",
  flops: async (options) =>
    (await networks(options)).map(({ what, net: { parameters, flops } }) => ({
      parameters,
      forward: flops,
      run: flops,
      what,
    })),
  // int8 takes about half of the time again.
  work: ({ rounds, steps }) => ({ runs: 1.5 * rounds * (steps + 1), share: 0.6 }),
  async run(options) {
    const { host, rounds, device } = options;
    if (device !== "cpu") return { skipped: "int8 is for the processor" };
    const [measurements, ratios] = [[], []];
    for (const network of await networks(options)) {
      const { what, net, feeds, turns: repetitions } = network;
      const sessions = await openBoth(host, network);
      try {
        const turns = await interleave(
          Object.fromEntries(
            Object.entries(sessions).map(([form, one]) => [form, () => timed(() => one.run(feeds), repetitions)]),
          ),
          { rounds },
        );
        for (const [form, all] of Object.entries(turns)) {
          const samples = all.flat();
          const row = { label: `${what}, ${form}`, unit: "ms", ...summary(samples) };
          measurements.push({ ...row, rate: net.flops / median(samples) / 1e6 });
        }
        ratios.push({ label: `${what}: time in int8 over float32`, value: pairedRatio(turns.int8, turns.float32) });
      } finally {
        for (const one of Object.values(sessions)) await one[Symbol.asyncDispose]();
      }
    }
    return { measurements, ratios, notes: ["The thesis' networks have made-up weights."] };
  },
};
