import { tensor } from "@prosopon/graph";
import { defaultParts } from "./default-parts.mjs";
import { normal } from "./filled.mjs";
import { interleave, timed } from "./interleave.mjs";
import { decodeGraph, encodeGraph, program, unetGraph } from "./networks.mjs";
import { median, summary } from "./statistics.mjs";

const nets = ({ firstStage, denoiser, side }) => {
  const small = side / 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
  const latent = [denoiser.config.unet.in_channels, small, small];
  return {
    latent,
    graphs: {
      encode: encodeGraph(firstStage.config, side),
      "U-Net": unetGraph(denoiser.config.unet, latent),
      decode: decodeGraph(firstStage.config, side),
    },
  };
};

export const defaultModels = {
  name: "default-models",
  description: "the default models at batch 1: encode, U-Net, decode",
  flops: async () => {
    const { graphs } = nets(await defaultParts());
    return Object.entries(graphs).map(([what, { parameters, flops }]) => ({
      parameters,
      forward: flops,
      run: flops,
      what,
    }));
  },
  work: ({ rounds, steps }) => ({ runs: 5 * rounds * (steps + 1), share: 0.4 }),
  async run({ host, rounds, steps }) {
    const parts = await defaultParts();
    const { firstStage, denoiser, side } = parts;
    const { latent, graphs } = nets(parts);
    const prefix = { encode: "", decode: "", "U-Net": "model.diffusion_model." };
    const feeds = {
      encode: { x: normal("image", [1, 3, side, side]) },
      decode: { x: normal("latent", [1, ...latent]) },
      "U-Net": {
        x: normal("x", [1, ...latent]),
        t: tensor("float32", [1], [500]),
        context: normal("context", [1, 1, denoiser.config.embeddingSize]),
      },
    };
    const sessions = {};
    try {
      for (const [name, net] of Object.entries(graphs)) {
        const all = name === "U-Net" ? denoiser.parameters : firstStage.parameters;
        const parameters = Object.fromEntries(
          net.specifications.map((one) => [one.name, all[prefix[name] + one.name]]),
        );
        sessions[name] = await host.load(program(net, parameters));
      }
      // Milliseconds each: many make a turn worth the wait.
      const turns = await interleave(
        Object.fromEntries(
          Object.entries(sessions).map(([name, session]) => [
            name,
            () => timed(() => session.run(feeds[name]), 4 * steps),
          ]),
        ),
        { rounds },
      );
      return {
        measurements: Object.entries(turns).map(([label, samples]) => {
          const all = summary(samples.flat());
          return { label, unit: "ms", ...all, rate: graphs[label].flops / median(all.samples) / 1e6 };
        }),
        ratios: [],
        notes: [`Weights: ${parts.source}.`],
      };
    } finally {
      for (const session of Object.values(sessions)) await session[Symbol.asyncDispose]();
    }
  },
};
