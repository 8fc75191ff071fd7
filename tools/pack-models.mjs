// node tools/pack-models.mjs RUN-FOLDER [NAME ...] [--bits N]: turns finished training runs into the models that @prosopon/models-default ships.
// --bits rounds weights to so many significant bits (float16 has 11): the files keep their size, but Git and npm pack them smaller. Tensors that are still
// those of the model that is shipped stay as they are.
import { copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { emotions } from "@prosopon/corpus";
import { tensor } from "@prosopon/graph";
import { writeModel } from "@prosopon/models/node";
import { averagedWeights, portraitFirstStage, startingWeights } from "@prosopon/recipes/node";
import { openWeights } from "@prosopon/weights/node";

const { values, positionals } = parseArgs({ options: { bits: { type: "string" } }, allowPositionals: true });
const [runs, ...wanted] = positionals;
if (!runs) throw new Error("node tools/pack-models.mjs RUN-FOLDER [NAME ...]");

const json = async (run, file) => JSON.parse(await readFile(join(runs, run, file), "utf8"));
const expert = (run, kind, title, role, rest) => ({
  run,
  kind,
  title,
  config: async ({ settings }) => ({ architecture: settings.architecture, role, ...rest }),
});

/** Model name -> the run that it comes from and what it is. */
const models = {
  "first-stage-portraits": {
    run: "first-stage",
    kind: "first-stage",
    title: "First stage for rendered portraits",
    config: async () => portraitFirstStage,
  },
  "reenactment-portraits": {
    run: "reenactment",
    kind: "reenactment",
    title: "Reenactment of rendered portraits",
    config: async () => ({
      ...(await json("reenactment", "config.json")),
      firstStage: "first-stage-portraits",
    }),
  },
  "talking-face-portraits": {
    run: "talk",
    kind: "talking-face",
    title: "Talking face for rendered portraits",
    config: async () => ({
      ...(await json("talk", "config.json")),
      firstStage: "first-stage-portraits",
    }),
  },
  "emotion-portraits": expert(
    "emotion-guide",
    "emotion-classifier",
    "Emotion classifier for rendered portraits",
    "loss",
    { classes: [...emotions] },
  ),
  "emotion-judge-portraits": expert(
    "emotion-judge",
    "emotion-classifier",
    "Emotion judge for rendered portraits",
    "judge",
    { classes: [...emotions] },
  ),
  "identity-portraits": expert(
    "identity-guide",
    "identity-embedder",
    "Identity embedder for rendered portraits",
    "loss",
    { size: 64 },
  ),
  "identity-judge-portraits": expert(
    "identity-judge",
    "identity-embedder",
    "Identity judge for rendered portraits",
    "judge",
    { size: 64 },
  ),
  "landmarks-judge-portraits": expert(
    "landmarks-judge",
    "portrait-landmarks",
    "Landmark judge for rendered portraits",
    "judge",
    {},
  ),
};

/** Nearest numbers of so many significant bits. */
function rounded({ shape, data }, bits) {
  const words = new Uint32Array(Float32Array.from(data).buffer);
  const cut = 24 - bits;
  return tensor("float32", shape, new Float32Array(words.map((w) => ((w + 2 ** (cut - 1)) >>> cut) << cut).buffer));
}

const shippedWeights = (name) =>
  startingWeights(join("models", name)).catch((error) => {
    if (error.code === "not-found") return new Map();
    throw error;
  });
const equal = (before, { data }) => before?.data.length === data.length && before.data.every((v, i) => v === data[i]);

const dataOf = ({ settings, seed }) =>
  settings.clips === undefined
    ? `${settings.pictures} portraits rendered by @prosopon/corpus from seed ${seed}, people of the training part only.`
    : `${settings.clips} speaking clips of 50 frames made by @prosopon/corpus with Debian's flite (voices kal16, awb, rms) from seed ${seed}, people of the training part only.`;

for (const [name, { run, kind, title, config }] of Object.entries(models)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  if (!(await readdir(runs)).includes(run)) {
    console.error(`${name}: no run ${run}, passed over`);
    continue;
  }
  const about = await json(run, "run.json");
  const end = await json(run, "end.json").catch(() => undefined);
  if (!end) {
    console.error(`${name}: the run ${run} has not ended, passed over`);
    continue;
  }
  const source = await openWeights(join(runs, run, averagedWeights));
  const shipped = values.bits ? await shippedWeights(name) : new Map();
  const parameters = new Map();
  for (const key of source.names)
    if (!key.startsWith("prototypes.")) {
      const found = await source.read(key);
      parameters.set(key, values.bits && !equal(shipped.get(key), found) ? rounded(found, Number(values.bits)) : found);
    }
  await source.close();
  const given = Object.entries(about.settings).filter(([, value]) => value !== "");
  const set = given.map(([key, value]) => ` --set ${key}=${value}`);
  const manifest = await writeModel("models", {
    manifest: {
      name,
      kind,
      title,
      description: about.description,
      licence: "Apache-2.0",
      domain: "rendered portraits",
      config: await config(about),
      training: {
        command: `prosopon train ${about.recipe} -o runs/${run} --seed ${about.seed} --steps ${about.steps} --batch ${about.batch} --learning-rate ${about.learningRate}${about.from ? ` --from ${about.from}` : ""}${set.join("")}`,
        seed: about.seed,
        duration: end.seconds,
        steps: end.step,
        data: dataOf(about),
      },
      scores: end.scores,
    },
    parameters,
    dtype: "float16",
  });
  await copyFile(join(runs, run, "losses.svg"), join("models", name, "losses.svg"));
  console.error(`${name}: ${manifest.files[0].bytes} bytes`);
}
