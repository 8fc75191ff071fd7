// node tools/evaluate-models.mjs [--people N] [--sweep N] [--guidance G] [--precision int8] [--models FOLDER] [--only-print]: judges the shipped reenactment model
// (or another folder's) on held-out rendered people, and sweeps guidance, strength and steps over fewer of them.
// Writes docs/reenactment.md and its plots, unless it should only print.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { emotions, sample } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { tensor } from "@prosopon/graph";
import { fromPlanar, image, toPlanar } from "@prosopon/media";
import { plot } from "@prosopon/media/plot";
import { cosine, manipulationTable, peakSignalToNoise, table } from "@prosopon/metrics";
import { openModelFolder } from "@prosopon/models/node";
import { createExpertRunner, emotionClassifier, identityEmbedder, portraitLandmarks } from "@prosopon/perception";
import { evaluateEdits } from "@prosopon/recipes/node";
import { createEditor, createReconstructor, editSettings, finish } from "@prosopon/reenactment";
import { createHost } from "@prosopon/runtime/node";

const { values } = parseArgs({
  options: {
    people: { type: "string", default: "201" },
    sweep: { type: "string", default: "0" },
    guidance: { type: "string" },
    precision: { type: "string", default: "float32" },
    models: { type: "string", default: fileURLToPath(new URL("../models", import.meta.url)) },
    "only-print": { type: "boolean", default: false },
  },
});
const people = Number(values.people);
const swept = Number(values.sweep);
const open = (name) => openModelFolder(join(values.models, name));
const host = await createHost({ kind: "in-process" });
const first = await open("first-stage-portraits");
const model = await open("reenactment-portraits");
const networks = {
  host,
  firstStage: { config: first.manifest.config, parameters: first.parameters, ranges: first.ranges },
  denoiser: { config: model.manifest.config, parameters: model.parameters, ranges: model.ranges },
};
const editor = await createEditor({ ...networks, precision: values.precision });
const reconstructor = createReconstructor(networks);
const runner = async (name, make) => {
  const { manifest, parameters } = await open(name);
  return createExpertRunner({ host, expert: make({ ...manifest.config, classes: emotions.length }), parameters });
};
const judges = {
  emotion: await runner("emotion-judge-portraits", emotionClassifier),
  identity: await runner("identity-judge-portraits", identityEmbedder),
  landmarks: await runner("landmarks-judge-portraits", portraitLandmarks),
};

/** The thesis' headline setting, and what an edit does that says nothing of its way. */
const guidance = Number(values.guidance ?? model.manifest.config.guidance ?? 5);
const thesis = { strength: 500, steps: 40, guidance, sampler: "ddim" };
const usual = { strength: 500, steps: editSettings({}).steps, guidance, sampler: editSettings({}).sampler };
const started = Date.now();
const judged = (count, settings) =>
  evaluateEdits({
    editor,
    reconstructor,
    judges,
    people: count,
    settings,
    onProgress: (done, total) => {
      if (done % 10 === 0) console.error(`${done}/${total} of ${count} people, ${settings.length} settings`);
    },
  });
const [main, second] = await judged(people, [thesis, usual]);
const byGuidance = [1, 1.5, 2, 3, 4, 5].map((weight) => ({ ...thesis, guidance: weight }));
const byStrength = [300, 400, 500, 600, 700].map((strength) => ({ ...thesis, strength }));
const bySteps = [
  ...[10, 20, 40, 80].map((steps) => ({ ...thesis, steps })),
  ...[2, 4, 8, 16].map((steps) => ({ ...usual, steps })),
];
const distinct = [...new Map([...byGuidance, ...byStrength, ...bySteps].map((s) => [JSON.stringify(s), s])).values()];
const sweep = swept > 0 ? await judged(swept, distinct) : [];
const sweptAt = (setting) => sweep.find(({ settings }) => JSON.stringify(settings) === JSON.stringify(setting));

// Zero edit: the same label and no guidance must give the reconstruction back. And the first stage against the rendering.
const zero = { thesis: [], usual: [] };
const reconstruction = [];
for (let index = 0; index < 24; index++) {
  const scene = sample({ seed: 4243, index, split: "test", speaking: 0 });
  const source = image(128, 128, 3, render(scene, { size: 128 }).image.data);
  const picture = tensor("float32", [1, 3, 128, 128], toPlanar(source));
  for (const [name, settings] of Object.entries({ thesis, usual })) {
    const same = { image: picture, from: scene.emotion, to: scene.emotion };
    const edited = await finish(editor.edit({ ...same, ...settings, guidance: 1 }));
    const before = fromPlanar(edited.reconstruction.data, 128, 128);
    // Two equal pictures are infinitely alike.
    const psnr = peakSignalToNoise({ reference: before, image: fromPlanar(edited.image.data, 128, 128) });
    zero[name].push(Math.min(99, psnr));
    if (name === "usual") reconstruction.push(peakSignalToNoise({ reference: source, image: before }));
  }
}
/** Other precisions are compared with float32, edit by edit, on people of the same held-out part. */
const apart = { edited: [], identity: [] };
if (values.precision !== "float32") {
  const exact = await createEditor(networks);
  for (let index = 0; index < 24; index++) {
    const scene = sample({ seed: 4243, index, split: "test", speaking: 0 });
    const given = {
      image: tensor("float32", [1, 3, 128, 128], toPlanar(image(128, 128, 3, render(scene, { size: 128 }).image.data))),
      from: scene.emotion,
      to: emotions.slice(1, 7).filter((one) => one !== scene.emotion),
      ...usual,
    };
    const [wanted, found] = [await finish(exact.editAll(given)), await finish(editor.editAll(given))];
    for (const [i, one] of wanted.entries()) {
      const [a, b] = [one, found[i]].map((edit) => edit.image.data.map((v) => Math.max(-1, Math.min(1, v))));
      apart.edited.push(
        peakSignalToNoise({ reference: fromPlanar(a, 128, 128), image: fromPlanar(b, 128, 128) }, { epsilon: 1e-8 }),
      );
      const rows = [a, b].map((data) => judges.identity.run(tensor("float32", [1, 3, 128, 128], data)));
      const [x, y] = (await Promise.all(rows)).map(({ data }) => data);
      apart.identity.push(cosine(x, y));
    }
  }
}
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

const percent = (x) => `${(100 * x).toFixed(1)} %`;
const rowsOf = (scores) =>
  scores.flatMap(({ settings, targets }) =>
    targets.map((t) => ({
      target: t.target,
      settings: { sampler: settings.sampler, t0: settings.strength, T: settings.steps, gamma: settings.guidance },
      psnr: t.psnr,
      ssim: t.ssim,
      shares: t.accuracy.shares,
    })),
  );
const markdown = (scores, caption) =>
  table(manipulationTable(rowsOf(scores), { emotions, caption }), { format: "markdown" });
/** The thesis' Table 4.3: one row a setting, means over the six targets. */
const settingRows = (scores) =>
  scores
    .map(
      ({ settings: s, accuracy, psnr, identity, landmarks, shown }) =>
        `| \`${s.sampler}\` | ${s.strength} | ${s.steps} | ${s.guidance} | ${accuracy.toFixed(3)} | ${psnr.toFixed(2)} | ${percent(identity.rate)} | ${percent(landmarks.exact.edits)} | ${shown.outside.toFixed(2)} |`,
    )
    .join("\n");
const curves = [
  ["guidance", "guidance", byGuidance],
  ["strength", "strength", byStrength],
];
const files = [];
for (const [name, key, settings] of sweep.length > 0 ? curves : []) {
  const list = settings.map(sweptAt);
  const x = list.map((one) => one.settings[key]);
  for (const [what, y, of] of [
    ["accuracy", "share judged as the target", (one) => one.accuracy],
    ["psnr", "dB against the reconstruction", (one) => one.psnr],
  ])
    files.push([
      `${what}-by-${name}.svg`,
      plot({ kind: "line", title: `${what} by ${name}`, x: name, y, series: [{ name: what, x, y: list.map(of) }] }),
    ]);
}
const sweepPart =
  sweep.length === 0
    ? ""
    : `
## Guidance, strength and steps

${swept} of the same people, means over the six targets, in the form of the thesis' Table 4.3 (t0 is the strength, T the steps, gamma the guidance):

| sampler | t0 | T | gamma | accuracy ↑ | PSNR ↑ | identity ↑ | landmarks ↓ | outside ↑ |
|---|---:|---:|---:|---:|---:|---:|---:|---:|
${settingRows(sweep)}

${files.map(([name]) => `![](images/${name})`).join(" ")}
`;
const apartRows =
  apart.edited.length === 0
    ? ""
    : `| edits in ${values.precision} against the same in float32, ${apart.edited.length} of 24 people | | ${mean(apart.edited).toFixed(2)} dB, worst ${Math.min(...apart.edited).toFixed(2)} | |
| identity judge's cosine between the two | | ${mean(apart.identity).toFixed(4)}, least ${Math.min(...apart.identity).toFixed(4)} | |
`;
/** A row of the summary: the thesis' way beside the default one. */
const row = (what, of, aim = "") => `| ${what} | ${of(main)} | ${of(second)} | ${aim} |`;
const db = (list) => `${mean(list).toFixed(2)} dB`;
const summary = `| what (strength 500, guidance ${guidance}) | as in the thesis: \`ddim\`, ${thesis.steps} + ${thesis.steps} steps | by default: \`${usual.sampler}\`, ${usual.steps} + ${usual.steps} | aim |
|---|---|---|---|
${[
  row("mean emotion accuracy over the six targets", (one) => one.accuracy.toFixed(3), ">= 0.90"),
  row("the same of edits as `reenact` shows them", (one) => one.shown.accuracy.toFixed(3)),
  row("the same judge on the rendered truth (intensity 2)", (one) => one.accuracyOnTruth.toFixed(3)),
  row("PSNR against the reconstruction", (one) => `${one.psnr.toFixed(2)} dB`, ">= 25 dB"),
  row(
    `edits nearer to their source than to each of ${main.identity.others} other people`,
    (one) => percent(one.identity.rate),
    ">= 95 %",
  ),
  row(
    "landmarks of mouth and brows against the same person rendered with the target emotion, share of the interocular distance",
    (one) => percent(one.landmarks.exact.edits),
    "<= 3 %",
  ),
  row("the same judge on the rendered truth itself, on another such rendering and on the unedited face", (one) =>
    ["truth", "other", "unedited"].map((what) => percent(one.landmarks.exact[what])).join(", "),
  ),
  row(
    "against the landmarks that the judge sees in the rendered truth: edits, another such rendering, the unedited face",
    (one) => ["edits", "other", "unedited"].map((what) => percent(one.landmarks.judged[what])).join(", "),
  ),
  row(
    "pixels outside the face, edits as `reenact` shows them, against the picture itself",
    (one) => `${one.shown.outside.toFixed(2)} dB`,
    ">= 35 dB",
  ),
  row("the same of plain edits, against the reconstruction", (one) => `${one.outside.toFixed(2)} dB`),
  row("zero edit (same label, guidance 1)", (one) => db(one === main ? zero.thesis : zero.usual), ">= 35 dB"),
  row("first stage against the rendering", () => db(reconstruction)),
].join("\n")}
${apartRows}`;
if (values["only-print"]) console.error(`\n${summary}${sweepPart}`);
else {
  await mkdir("docs/images", { recursive: true });
  for (const [name, svg] of files) await writeFile(`docs/images/${name}`, svg);
  await writeFile(
    "docs/reenactment.md",
    `# How well the default reenactment model edits

Made by \`node tools/evaluate-models.mjs --people ${people} --sweep ${swept} --guidance ${guidance}${values.precision === "float32" ? "" : ` --precision ${values.precision}`}\` in ${((Date.now() - started) / 60000).toFixed(0)} minutes on
the shipped weights. The judges (emotion, identity, landmarks) are networks that no loss of the edited model has seen. Decibels are against the
plain reconstruction by the first stage, as in the thesis' Table 4.2. "Another such rendering" shows the same person with the same emotion in another
natural variation (which of its forms, how strong), as the first stage gives it: what a right edit would come to, which cannot know the variation.

${summary}
${markdown([main, second], `Edits of ${people} held-out rendered people, each to every target that it does not show.`)}
${sweepPart}`,
  );
}
console.log(
  JSON.stringify({
    people,
    scores: [main, second, ...sweep].map(({ targets, ...rest }) => rest),
    zero: { thesis: mean(zero.thesis), usual: mean(zero.usual) },
    reconstruction: mean(reconstruction),
    ...(apart.edited.length > 0 ? { apart: { edited: mean(apart.edited), identity: mean(apart.identity) } } : {}),
  }),
);
process.exit(0);
