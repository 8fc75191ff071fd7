import { gaussians } from "@prosopon/random";
import { interleave, timed } from "./interleave.mjs";
import { summary } from "./statistics.mjs";

export const noise = {
  name: "noise",
  description: "standard normal numbers on one thread",
  async run({ rounds, steps, quick }) {
    const length = quick ? 2 ** 12 : 2 ** 20;
    let step = 0;
    const turns = await interleave(
      {
        gaussians: async () =>
          (await timed(() => gaussians(1, "benchmark", step++, length), steps)).map((ms) => length / ms / 1e3),
      },
      { rounds },
    );
    return {
      measurements: [{ label: "gaussians", unit: "million/s", ...summary(turns.gaussians.flat()) }],
      ratios: [],
      notes: [],
    };
  },
};
