import { createEditor } from "@prosopon/reenactment";
import { defaultParts } from "./default-parts.mjs";
import { normal } from "./filled.mjs";
import { interleave } from "./interleave.mjs";
import { unetGraph } from "./networks.mjs";
import { pairedRatio, summary } from "./statistics.mjs";

/** The thesis' steps. */
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
      const whole = (settings) => async () => {
        const run = editor.edit({ image, from, to, ...settings });
        for (let step = await run.next(); !step.done; step = await run.next());
      };
      const edits = {
        [`edit by ddim, ${steps} + ${steps} steps, as in the thesis`]: whole({ sampler: "ddim", steps }),
        "edit by the default settings": whole({}),
      };
      // The first opens the sessions.
      for (const run of Object.values(edits)) await run();
      const turns = await interleave(
        Object.fromEntries(Object.entries(edits).map(([name, run]) => [name, async () => [await secondsOf(run)]])),
        { rounds },
      );
      const [thesis, usual] = Object.keys(edits);
      return {
        measurements: Object.entries(turns).map(([label, turn]) => ({ label, unit: "s", ...summary(turn.flat()) })),
        ratios: [{ label: `${usual} over that of the thesis`, value: pairedRatio(turns[usual], turns[thesis]) }],
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
