import { diffusionLoss, linearSchedule, unet } from "@prosopon/core-diffusion";
import { adamW, constantRate } from "@prosopon/nn";

/**
 * One step of latent diffusion: noise in, mean squared error, AdamW. Nothing else, so that any framework can do the same.
 * `recompute`: values inside a block of the U-Net are computed again for its gradient instead of being kept.
 */
export function diffusionStep({ config, latent, batch, learningRate, recompute = false, device = "cpu" }) {
  const shape = [batch, ...latent];
  return {
    name: "benchmark",
    inputs: {
      latent: { shape },
      noise: { shape },
      time: { shape: [batch], dtype: "int64" },
      context: { shape: [batch, 1, config.context_dim] },
    },
    build({ graph, scope, inputs }) {
      let block = 0;
      // A trace comes at the end of every block: what is built from there on belongs to the next.
      const trace = recompute
        ? () => {
            graph.path[0] = `block-${block++}`;
          }
        : undefined;
      const { loss } = diffusionLoss({
        schedule: linearSchedule(),
        latent: inputs.latent,
        time: inputs.time,
        noise: inputs.noise,
        predict: (x, t) => {
          // Cross-attention to one token could be left out; PyTorch does not, so neither do we here.
          const value = unet(scope, { x, t, context: inputs.context }, config, { singleToken: "attend", trace });
          if (recompute) graph.path.length = 0;
          return value;
        },
      });
      return { losses: { diffusion: loss } };
    },
    losses: {
      diffusion: { parameters: () => true, optimizer: adamW(), learningRate: constantRate(learningRate) },
    },
    ...(recompute ? { recompute: (path) => /^block-\d+/.exec(path)?.[0] } : {}),
    ...(device === "webgpu" ? { layout: "per-tensor" } : {}),
  };
}
