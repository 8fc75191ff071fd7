// node tools/few-steps.mjs [--people N] [--samplers a,b] [--model NAME]: how few steps will do? Every sampler with 2 to 40 steps against the DDIM result of 200
// steps, on held-out rendered people. What is computed is kept in runs/few-steps; the same command goes on, and with more people adds them.
// Writes docs/few-steps.md and its plots.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { emotions, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { tensor } from "@prosopon/graph";
import { fromPlanar, image, toPlanar } from "@prosopon/media";
import { plot } from "@prosopon/media/plot";
import { peakSignalToNoise } from "@prosopon/metrics";
import { openModelFolder } from "@prosopon/models/node";
import { createExpertRunner, emotionClassifier } from "@prosopon/perception";
import { editTargets } from "@prosopon/recipes/node";
import { createEditor, editSettings, samplers as facts, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";

/** Both ways: every sampler with the way to noise that goes with it, and one that shows what the thesis' costs. */
const ways = {
  ...Object.fromEntries(Object.keys(facts).map((sampler) => [sampler, { sampler }])),
  "dpmpp-2m after ddim": { sampler: "dpmpp-2m", inversion: "ddim", sigmas: "times" },
};
const stepCounts = [2, 4, 6, 8, 10, 20, 40];
const [side, seed, strength] = [128, 7070, 500];

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "6" },
    samplers: { type: "string", default: Object.keys(ways).join(",") },
    model: { type: "string", default: "reenactment-portraits" },
  },
});
const people = Number(values.people);
const samplers = values.samplers.split(",");
const unknown = samplers.find((name) => !(name in ways));
if (!(Number.isInteger(people) && people > 0) || unknown !== undefined)
  throw new Error(`node tools/few-steps.mjs --people N --samplers ${Object.keys(ways).join(",")}`);

const open = (name) => openModelFolder(fileURLToPath(new URL(`../models/${name}`, import.meta.url)));
const model = await open(values.model);
const { guidance = 5 } = model.manifest.config;
const first = await open(model.manifest.config.firstStage);
const judge = await open("emotion-judge-portraits");
const host = await createHost({ kind: "in-process" });
const editor = await createEditor({
  host,
  firstStage: { config: first.manifest.config, parameters: first.parameters },
  denoiser: { config: model.manifest.config, parameters: model.parameters },
});
const classes = emotions.length;
const runner = createExpertRunner({
  host,
  expert: emotionClassifier({ ...judge.manifest.config, classes }),
  parameters: judge.parameters,
});

// One line a person, sampler and number of steps, for these weights.
const folder = "runs/few-steps";
const record = join(folder, `${model.manifest.files[0].sha256.slice(0, 16)}.jsonl`);
await mkdir(folder, { recursive: true });
const rows = (await readFile(record, "utf8").catch(() => ""))
  .split("\n")
  .slice(0, -1)
  .map((line) => JSON.parse(line));
const known = new Set(rows.map(({ person, sampler, steps }) => `${person} ${sampler} ${steps}`));

/** Held-out people, each once, who do not speak; the same as in evaluate-models.mjs. */
function scenesOf() {
  const seen = new Map();
  for (let index = 0; seen.size < people; index++) {
    const scene = sample({ seed, index, split: "test", speaking: 0 });
    if (!seen.has(scene.identity)) seen.set(scene.identity, scene);
  }
  return [...seen.values()];
}

async function edits(scene, sampler, steps) {
  const planes = toPlanar(image(side, side, 3, render(scene, { size: side }).image.data));
  const to = editTargets.filter((target) => target !== scene.emotion);
  const picture = { image: tensor("float32", [1, 3, side, side], planes), from: scene.emotion };
  const asked = { ...picture, strength, steps, ...ways[sampler], seed: scene.identity };
  const results = await finish(editor.editAll({ ...asked, to, guidance }));
  const nothing = await finish(editor.edit({ ...asked, to: scene.emotion, guidance: 1 }));
  const stack = new Float32Array(results.length * 3 * side * side);
  for (const [i, { image: found }] of results.entries())
    stack.set(
      found.data.map((v) => Math.max(-1, Math.min(1, v))),
      i * 3 * side * side,
    );
  const { data } = await runner.run(tensor("float32", [results.length, 3, side, side], stack));
  const right = to.map((target, i) => {
    const scores = data.subarray(i * classes, (i + 1) * classes);
    return scores.indexOf(Math.max(...scores)) === emotions.indexOf(target);
  });
  const pictureOf = (one) => fromPlanar(one.data, side, side);
  const kept = peakSignalToNoise({ reference: pictureOf(nothing.reconstruction), image: pictureOf(nothing.image) });
  return { pictures: results.map((one) => pictureOf(one.image)), right, kept };
}

const cells = [["ddim", 200], ...samplers.flatMap((sampler) => stepCounts.map((steps) => [sampler, steps]))];
const started = Date.now();
let made = 0;
const missing = scenesOf().flatMap((_, person) =>
  cells.filter(([sampler, steps]) => !known.has(`${person} ${sampler} ${steps}`)),
).length;
for (const [person, scene] of scenesOf().entries()) {
  const todo = cells.filter(([sampler, steps]) => !known.has(`${person} ${sampler} ${steps}`));
  if (todo.length === 0) continue;
  const reference = await edits(scene, "ddim", 200);
  for (const [sampler, steps] of todo) {
    const found = steps === 200 ? reference : await edits(scene, sampler, steps);
    const row = {
      person,
      sampler,
      steps,
      psnr:
        steps === 200
          ? []
          : found.pictures.map((one, i) => peakSignalToNoise({ reference: reference.pictures[i], image: one })),
      right: found.right,
      kept: found.kept,
    };
    await appendFile(record, `${JSON.stringify(row)}\n`);
    rows.push(row);
    made++;
  }
  const left = ((Date.now() - started) / made) * (missing - made);
  console.error(`person ${person + 1} of ${people}, ${(left / 1000).toFixed(0)} s left`);
}

const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
const cell = (sampler, steps) => {
  const all = rows.filter((row) => row.person < people && row.sampler === sampler && row.steps === steps);
  const right = all.flatMap((row) => row.right.map(Number));
  // Two equal pictures are infinitely alike, which a line says as null.
  return {
    sampler,
    steps,
    edits: right.length,
    accuracy: mean(right),
    psnr: mean(all.flatMap((row) => row.psnr.map((v) => Math.min(99, v ?? 99)))),
    kept: mean(all.map((row) => Math.min(99, row.kept ?? 99))),
  };
};
const best = cell("ddim", 200);
const table = samplers.flatMap((sampler) => stepCounts.map((steps) => cell(sampler, steps)));
/** Each step to noise is one call; PLMS begins with two. */
const total = ({ sampler: way, steps }) => {
  const { sampler } = ways[way];
  return steps * (1 + facts[sampler].calls) + (sampler === "plms" ? 1 : 0);
};
const error = Math.sqrt((best.accuracy * (1 - best.accuracy)) / best.edits);
/** Below it, few steps change what nobody asked for. */
const leastPsnr = 35;
const byCalls = (list) => list.toSorted((a, b) => total(a) - total(b) || b.psnr - a.psnr);
const accurate = byCalls(table.filter((one) => one.accuracy >= best.accuracy - error));
const good = accurate.filter((one) => one.psnr >= leastPsnr && one.kept >= leastPsnr);
const told = ({ sampler, steps, ...one }) =>
  `\`${sampler}\` with ${steps} steps (${total({ sampler, steps })} calls, ${one.psnr.toFixed(1)} and ${one.kept.toFixed(1)} dB)`;
const thesis = table.find((one) => one.sampler === "ddim" && one.steps === 40);
const { sampler: usual, steps: usualSteps } = editSettings({});
const chosen = table.find((one) => one.sampler === usual && one.steps === usualSteps);
const line = (title, y, value) =>
  plot({
    kind: "line",
    title,
    x: "network calls, both ways",
    y,
    series: samplers.map((name) => {
      const own = table.filter((one) => one.sampler === name);
      return { name, x: own.map(total), y: own.map(value) };
    }),
  });
await mkdir("docs/images", { recursive: true });
await writeFile(
  "docs/images/few-steps-psnr.svg",
  line("Likeness to the result of 200 steps", "PSNR in dB", (one) => one.psnr),
);
await writeFile(
  "docs/images/few-steps-accuracy.svg",
  line("Judged accuracy by network calls", "share judged as the target", (one) => one.accuracy),
);
const grid = (format) =>
  samplers
    .map(
      (name) =>
        `| \`${name}\` | ${stepCounts.map((steps) => format(table.find((one) => one.sampler === name && one.steps === steps))).join(" | ")} |`,
    )
    .join("\n");
const head = `| sampler | ${stepCounts.join(" | ")} |\n|---|${stepCounts.map(() => "---:").join("|")}|`;
await writeFile(
  "docs/few-steps.md",
  `# How few steps will do

Made by \`node tools/few-steps.mjs --people ${people}${samplers.length < Object.keys(ways).length ? ` --samplers "${values.samplers}"` : ""}\` on the weights ${model.manifest.files[0].sha256.slice(0, 16)} of \`${values.model}\`: ${best.edits} edits of ${people} held-out rendered
people a cell, strength ${strength}, guidance ${guidance}, as many steps to noise as back. Decibels are against the same edits by DDIM with 200 steps, of which the
judge finds ${(100 * best.accuracy).toFixed(1)} % to show what was asked for (standard error ${(100 * error).toFixed(1)} %).

PSNR in dB, by steps:

${head}
${grid((one) => one.psnr.toFixed(1))}

An edit to the emotion that is shown, guidance 1, which should change nothing: PSNR in dB against the plain reconstruction, by steps:

${head}
${grid((one) => one.kept.toFixed(1))}

Judged accuracy, by steps:

${head}
${grid((one) => one.accuracy.toFixed(3))}

Fewest network calls at the accuracy of 200 steps (within the standard error): ${accurate[0] ? told(accurate[0]) : "none"}. With at least ${leastPsnr} dB in both tables as well: ${good[0] ? `**${told(good[0])}**` : "none"}. The thesis takes ${told(thesis)}.${
    chosen ? `\nThe default is **${told(chosen)}**.` : ""
  }

\`ddim\` is the thesis' way, of first order to noise and back. The others go to noise by DPM-Solver++(2M), along the levels by which they come back (Karras'
sigmas, where they know any). What that brings shows in \`dpmpp-2m after ddim\`, which goes to noise as the thesis does: there no sampler of a higher order
helps, since most of the error of few steps is made on the way to noise.

![](images/few-steps-psnr.svg) ![](images/few-steps-accuracy.svg)
`,
);
console.log(JSON.stringify({ people, reference: best, accurate: accurate[0] ?? null, good: good.slice(0, 8) }));
process.exit(0);
