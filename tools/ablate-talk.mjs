// node tools/ablate-talk.mjs [--only speech|talk] [--minutes N] [--steps N] [--hearing N] [--clips N] [--judged N] [--runs FOLDER] [--cache FOLDER] [--seed N]:
// trains small talking faces that hear more or less, and that are told more or less, in the form of the thesis' Tables 5.2 and 5.1.
// After --minutes no further run is begun; the same command goes on later, and runs that the folder holds are not made again.
// Writes docs/talking-face-ablations.md. Needs flite.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { emotions } from "@prosopon/corpus";
import { openModelFolder } from "@prosopon/models/node";
import { createExpertDistance, createExpertRunner, emotionClassifier, portraitLandmarks } from "@prosopon/perception";
import { averagedWeights, evaluateTalk, trainInChild } from "@prosopon/recipes/node";
import { createHost } from "@prosopon/runtime/node";
import { createTalker } from "@prosopon/talking-face";
import { openWeights } from "@prosopon/weights/node";

const text = (value) => ({ type: "string", default: value });
const { values } = parseArgs({
  options: {
    "first-stage": text("models/first-stage-portraits/model.safetensors"),
    only: text(""),
    minutes: text("240"),
    steps: text("400"),
    hearing: text("800"),
    clips: text("700"),
    speech: text("1000"),
    judged: text("6"),
    runs: text("runs/ablations"),
    cache: text("runs/cache"),
    seed: text("5"),
  },
});
const models = fileURLToPath(new URL("../models", import.meta.url));
const host = await createHost({ kind: "in-process", threads: 1 });
const open = (name) => openModelFolder(join(models, name));
const firstStage = await open("first-stage-portraits");
const expertOf = async (name, make) => {
  const { manifest, parameters } = await open(name);
  return { expert: make({ ...manifest.config, classes: emotions.length }), parameters };
};
const landmarks = await expertOf("landmarks-judge-portraits", portraitLandmarks);
const judges = {
  emotion: createExpertRunner({ host, ...(await expertOf("emotion-judge-portraits", emotionClassifier)) }),
  landmarks: createExpertRunner({ host, ...landmarks }),
  distance: createExpertDistance({ host, ...landmarks }),
};
const end = Date.now() + 60_000 * Number(values.minutes);
const json = (file) => readFile(file, "utf8").then(JSON.parse, () => undefined);

/** Trains a recipe to its end, where its folder does not say that it was; undefined where there is no time left. */
async function train(recipe, name, options) {
  const folder = join(values.runs, name);
  if (!(await json(join(folder, "end.json")))) {
    if (Date.now() > end || (values.only && values.only !== recipe)) return undefined;
    console.error(`training ${name}`);
    const common = { folder, cache: values.cache, every: 200 };
    for await (const event of trainInChild(recipe, { ...common, ...options }))
      if (event.event === "step" && event.step % 50 === 0) console.error(`${name} ${event.step}/${event.steps}`);
  }
  return { folder, end: await json(join(folder, "end.json")) };
}

/** A small talking face by what it is told, judged as when a film is dubbed if it is told masked frames. */
async function judged(name, settings) {
  const trained = await train("talk", name, {
    seed: Number(values.seed),
    steps: Number(values.steps),
    batch: 16,
    learningRate: 1e-3,
    settings: { "first-stage": values["first-stage"], clips: values.clips, dubbing: "0.5", ...settings },
  });
  if (!trained) return undefined;
  const { folder, end } = trained;
  const file = join(folder, "scores.json");
  const held = await json(file);
  if (held) return { ...held, seconds: end.seconds };
  const parameters = {};
  const source = await openWeights(join(folder, averagedWeights));
  for (const tensor of source.names) parameters[tensor] = await source.read(tensor);
  await source.close();
  const config = await json(join(folder, "config.json"));
  const talker = createTalker({
    host,
    firstStage: { config: firstStage.manifest.config, parameters: firstStage.parameters },
    denoiser: { config, parameters },
  });
  const plain = { guidance: 1, audioGuidance: 1, detail: config.conditions.identity === true };
  const masked = config.conditions.masked === true;
  const scores = await evaluateTalk({ talker, judges, clips: Number(values.judged), settings: plain, masked });
  await talker[Symbol.asyncDispose]();
  await writeFile(file, JSON.stringify(scores));
  return { ...scores, seconds: end.seconds };
}

const two = (x) => x.toFixed(2);
const three = (x) => x.toFixed(3);
const cells = (scores) => {
  if (!scores) return "not run | | | | | | |";
  const { frame, mouth, mouthDistance, generated, seconds } = scores;
  return `${two(frame.psnr)} | ${three(frame.ssim)} | ${two(mouth.psnr)} | ${three(mouth.ssim)} | ${three(mouthDistance)} | ${three(generated.correlation)} | ${(seconds / 60).toFixed(1)} |`;
};
const head = "PSNR | SSIM | mouth PSNR | mouth SSIM | mouth distance | correlation | minutes |";
const rule = "|---|---|---|---|---|---|---|";

const windows = [1, 2, 4, 8, 16];
const heard = new Map();
for (const w of windows)
  heard.set(
    w,
    await train("speech", `hears-${w}`, {
      seed: Number(values.seed) + 1,
      steps: Number(values.hearing),
      batch: 128,
      learningRate: 2e-3,
      settings: { clips: values.speech, before: `${w}`, after: `${w}` },
    }),
  );
const told = [
  ["identity, audio", "audio+identity"],
  ["identity, audio, emotion", "emotion+audio+identity"],
  ["identity, audio, mask", "audio+masked+identity"],
  ["identity, audio, emotion, mask", "emotion+audio+masked+identity"],
  ["identity, audio, emotion, mask, head and blinks", "emotion+audio+controls+masked+identity"],
  ["identity, emotion, mask (deaf)", "emotion+masked+identity"],
];
const conditionRows = [];
for (const [title, conditions] of told) {
  const scores = await judged(`told-${conditions}`, { conditions });
  conditionRows.push(`| ${title} | ${cells(scores)}`);
}
const windowRows = [];
const heardRows = [];
for (const w of windows) {
  const hearing = heard.get(w);
  const { opening, closure, visemes } = hearing?.end.scores ?? {};
  const known = hearing ? `${three(opening)} | ${three(closure)} | ${(100 * visemes).toFixed(1)} %` : "not run | | ";
  const minutes = hearing ? (hearing.end.seconds / 60).toFixed(1) : "";
  heardRows.push(`| ${w} | ${known} | ${minutes} |`);
  const scores = hearing
    ? await judged(`window-${w}`, { conditions: "emotion+audio+masked+identity", hearing: hearing.folder })
    : undefined;
  windowRows.push(`| ${w} | ${cells(scores)}`);
}
const ran = [...conditionRows, ...windowRows].some((row) => !row.includes("not run"));
await writeFile(
  "docs/talking-face-ablations.md",
  `# What a talking face needs to be told

Made by \`node tools/ablate-talk.mjs\`: small runs in the form of the thesis' Tables 5.1 and 5.2, for the order of the rows and not for their height.
They go on where they stopped; minutes are those of training on a core that other work shared.

## How far it must hear

The encoder of speech alone, ${values.hearing} steps of 128 windows of ${values.speech} clips, judged on a voice, sentences and recordings that it never met: how the opening and
the closure of the lips that it names correlate with the true ones, and how many visemes it names rightly.

| frames on either side | opening | closure | visemes | minutes |
|---|---|---|---|---|
${heardRows.join("\n")}

## The whole talking face

${
  ran
    ? `Each was trained from nothing for ${values.steps} steps of 16 on ${values.clips} clips, then judged in one step without guidance on ${values.judged} clips of 4 s of people, a voice
and sentences that training never met. Where it is told masked frames it dubs the truth with the lower face hidden. The mouth is a region of 48 x 48;
its distance is that of the landmark judge's features, in the manner of LPIPS; correlation is that of the opening that the judge sees with the true one.

Told more or less (Table 5.1), speech of 5 frames before and 4 after:

| told | ${head}
|---${rule}
${conditionRows.join("\n")}

Hearing more or less (Table 5.2), told identity, audio, emotion and mask, with the encoders from above:

| frames on either side | ${head}
|---${rule}
${windowRows.join("\n")}`
    : "Not trained yet: `node tools/ablate-talk.mjs` trains what is missing."
}
`,
);
process.exit(0);
