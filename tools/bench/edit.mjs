import { createEditor } from "@prosopon/reenactment";
import { defaultParts } from "./default-parts.mjs";
import { normal } from "./filled.mjs";
import { interleave } from "./interleave.mjs";
import { unetGraph } from "./networks.mjs";
import { summary } from "./statistics.mjs";

const networkSteps = ({ quick }) => (quick ? 2 : 40);

export const edit = {
  name: "edit",
  description: "one whole edit: encode, 40 steps to noise, 40 back with guidance, decode",
  flops: async (options) => {
    const { denoiser, firstStage, side } = await defaultParts();
    const small = side / 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
    const { parameters, flops } = unetGraph(denoiser.config.unet, [denoiser.config.unet.in_channels, small, small]);
    // Both ways, each with both branches of the guidance.
    return { parameters, forward: flops, run: 4 * networkSteps(options) * flops, what: "edit" };
  },
  work: ({ rounds }) => ({ runs: rounds + 1, share: 0.35 }),
  async run(options) {
    const { host, rounds } = options;
    const { firstStage, denoiser, side, source } = await defaultParts();
    const editor = await createEditor({ host, firstStage, denoiser });
    try {
      const [from, to] = denoiser.config.emotions;
      const steps = networkSteps(options);
      const image = normal("image", [1, 3, side, side]);
      const whole = async () => {
        const run = editor.edit({ image, from, to, steps, sampler: "ddim" });
        for (let step = await run.next(); !step.done; step = await run.next());
      };
      // The first opens the sessions.
      await whole();
      const turns = await interleave({ edit: async () => [await secondsOf(whole)] }, { rounds });
      return {
        measurements: [{ label: `edit, ${steps} + ${steps} steps`, unit: "s", ...summary(turns.edit.flat()) }],
        ratios: [],
        notes: [`Weights: ${source}.`],
      };
    } finally {
      await editor[Symbol.asyncDispose]();
    }
  },
};

async function secondsOf(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
