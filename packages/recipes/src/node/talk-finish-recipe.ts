import { logMel, talkConfigSchema } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";
import { except, under } from "@prosopon/nn";
import { talkSettings } from "@prosopon/talking-face";
import { frameStep } from "../frame-step.ts";
import { readerPlace } from "../opening-reader.ts";
import { openData } from "./data/open-data.ts";
import { isFineLayer } from "./fine-layers.ts";
import { keptFrames } from "./kept-frames.ts";
import { notedConfig } from "./noted-config.ts";
import { firstStageGiven, firstStageSetting, openFirstStage } from "./open-first-stage.ts";
import type { Recipe } from "./recipe.ts";
import { writeRunData } from "./run-data.ts";
import { startingFolder, startingWeights } from "./starting-weights.ts";
import { talkBatches } from "./talk-batches.ts";
import { clipData, clipSettings, talkClips } from "./talk-clips.ts";
import { trainReader } from "./train-reader.ts";

/** Finishes a talking face on the frames that it makes, as it will make them; needs what the recipe talk needs, and one to start from. */
export const talkFinishRecipe: Recipe = {
  name: "talk-finish",
  description: "A trained talking face, finished on the frames that synthesis makes of noise under guidance.",
  defaults: { steps: 1500, batch: 24, learningRate: 2e-3 },
  settings: {
    "first-stage": firstStageSetting,
    ...clipSettings,
    learn: {
      default: "fine",
      description: "what learns: fine, biases and gains and the last layer, a hundredth of it, or all",
      choices: ["fine", "all"],
    },
    shut: {
      default: "3",
      description: "how many times as much the errors of a mouth and of its opening weigh where it is shut",
      number: { least: 1 },
    },
    opening: {
      default: "1",
      description:
        "weight of the error of the mouth's opening, seen by a small network that is trained first; 0: without",
      number: { least: 0 },
    },
    keep: {
      default: "0.5",
      description:
        "how much away from the mouth stays as it is made before; a judge sees less emotion in the plain truth",
      number: { least: 0, most: 1 },
    },
    vary: {
      default: "0.8",
      description: "share of samples whose spectra are varied, where it hears log-mel",
      number: { least: 0, most: 1 },
    },
  },
  async prepare(options) {
    const { folder, batch, steps, learningRate, settings, seed, onProgress, signal } = options;
    const from = firstStageGiven("talk-finish", settings);
    const { config, weights } = await startedTalk(options.from);
    const { audio } = config.conditions;
    const [opening, shut] = [Number(settings["opening"]), Number(settings["shut"])];
    if (opening > 0 && !config.conditions.identity)
      throw new ProsoponError(
        "bad-input",
        "Openings are read beside an identity picture, which this talking face is not told.",
        {
          mend: "Give --set opening=0.",
        },
      );
    const firstStage = await openFirstStage(from);
    const [channels, wanted] = [firstStage.config.embed_dim, config.unet.out_channels];
    if (channels !== wanted)
      throw new ProsoponError("bad-input", `The first stage has ${channels} channels, the talking face ${wanted}.`, {
        values: { channels, wanted },
        mend: "Give the first stage that it was trained with.",
      });
    const data = settings["data"] ? await openData(settings["data"], { kind: "clips", split: "train" }) : undefined;
    const features = data?.manifest.features ?? { name: "log-mel" };
    if (audio && audio.features !== features.name)
      throw new ProsoponError("bad-input", `It hears ${audio.features}, the clips hold ${features.name}.`, {
        values: { model: audio.features, clips: features.name },
        mend: "Prepare the clips with the model's features.",
      });
    const cache = await talkClips(options, { firstStage, data, audio: audio ?? { before: 0, after: 0 } });
    const latent = cache.latents.shape.slice(1) as [number, number, number];
    await writeRunData(folder, clipData(cache, data, seed), { ...config, latentSide: latent[1] });
    const frames = { config, latent, batch, settings: talkSettings({}) };
    const program = frameStep({
      ...frames,
      learningRate,
      steps,
      parameters: settings["learn"] === "fine" ? isFineLayer : () => true,
      opening,
      shut,
    });
    const draw = talkBatches(cache, config, {
      batch,
      scaleFactor: config.scaleFactor,
      drop: 0,
      dubbing: Number(settings["dubbing"]),
      guided: true,
      shut,
      vary:
        audio?.features === "log-mel" ? { centres: logMel().bandCentres, share: Number(settings["vary"]) } : undefined,
    });
    const reading = onProgress ? { onProgress: (d: number, t: number) => onProgress("mouths", d, t) } : {};
    const reader =
      opening > 0 ? await trainReader({ cache, config, folder, seed, ...reading, ...(signal ? { signal } : {}) }) : [];
    const share = Number(settings["keep"]);
    const before = share > 0 ? await keptFrames({ ...frames, weights, share }) : undefined;
    const kept = except(under(readerPlace));
    return {
      program,
      columns: ["simple", ...(opening > 0 ? ["opened"] : [])],
      weights: new Map([...weights, ...reader]),
      data: {
        length: Math.ceil((cache.count * cache.frames) / batch),
        batch: async (step, key) => before?.aimed(draw(step, key)) ?? draw(step, key),
      },
      finish: async (all) => new Map([...all].filter(([name]) => kept(name))),
      [Symbol.asyncDispose]: async () => before?.[Symbol.asyncDispose](),
    };
  },
};

/** What is finished: it stays the network that it is. */
async function startedTalk(from: string | undefined) {
  const refuse = () =>
    new ProsoponError("bad-input", "The recipe talk-finish goes on with a talking face that is trained.", {
      values: { from },
      mend: "Give the folder of its run, or of its model, with --from.",
    });
  if (from === undefined) throw refuse();
  const noted = await notedConfig(await startingFolder(from), talkConfigSchema.strip());
  if (!noted) throw refuse();
  return { config: noted, weights: await startingWeights(from) };
}
