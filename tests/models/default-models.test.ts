import { fileURLToPath } from "node:url";
import { sample, visemes } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { tensor } from "@prosopon/graph";
import { toPlanar, toRgb } from "@prosopon/media";
import { listModels, openModel } from "@prosopon/models/node";
import { createExpertRunner, identityEmbedder } from "@prosopon/perception";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../../models", import.meta.url));
const manifests = async () => (await listModels([folder])).map((one) => one.manifest!);

test("the default models can be read, and their weights stay below 24 MB together", async () => {
  for (const { name, error } of await listModels([folder])) expect([name, error]).toEqual([name, undefined]);
  const bytes = (await manifests()).flatMap(({ files }) => files.map((file) => file.bytes));
  expect(bytes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(24e6);
});

test.each([
  "emotion-classifier",
  "identity-embedder",
])("of each %s one teaches and an unlike one judges", async (kind) => {
  const pair = (await manifests()).filter((one) => one.kind === kind);
  const all = <T>(of: (config: { role: unknown; architecture: unknown }, seed: number | undefined) => T) =>
    new Set(pair.map((one) => of(one.config as never, one.training?.seed)));
  expect(pair).toHaveLength(2);
  expect(all(({ role }) => role)).toEqual(new Set(["loss", "judge"]));
  expect(all(({ architecture }) => architecture).size).toBe(2);
  expect(all((_, seed) => seed).size).toBe(2);
});

/** Two pictures each of people whom no training saw; emotion, pose, light, background and mouth differ. */
const people = [
  ...new Set(Array.from({ length: 40 }, (_, index) => sample({ seed: 5, index, split: "test" }).identity)),
];
const pictures = people.flatMap((identity, i) =>
  [0, 1].map((which) => {
    const scene = { ...sample({ seed: 77 + which, index: i }), identity };
    return toPlanar(
      toRgb(render({ ...scene, viseme: which ? visemes[i % visemes.length]! : "silence" }, { size: 128 }).image),
    );
  }),
);

test.each([
  "identity-portraits",
  "identity-judge-portraits",
])("%s knows people again whom it has never seen", async (name) => {
  const model = await openModel([folder], name, { kind: "identity-embedder" });
  const { architecture, size } = model.manifest.config;
  await using host = await createHost({ kind: "in-process" });
  await using runner = createExpertRunner({
    host,
    expert: identityEmbedder({ architecture, size }),
    parameters: model.parameters,
  });
  const planes = Float32Array.from(pictures.flatMap((one) => [...one]));
  const { data } = await runner.run(tensor("float32", [pictures.length, 3, 128, 128], planes));
  const cosine = (a: number, b: number) => {
    let sum = 0;
    for (let d = 0; d < size; d++) sum += data[a * size + d]! * data[b * size + d]!;
    return sum;
  };
  const nearest = pictures.map((_, n) => {
    const others = [...pictures.keys()].filter((m) => m !== n);
    return others.reduce((best, m) => (cosine(n, m) > cosine(n, best) ? m : best));
  });
  const known = nearest.filter((found, n) => found >> 1 === n >> 1).length;
  // By chance it would be one in 79.
  expect(known / pictures.length).toBeGreaterThanOrEqual(0.9);
});
