import { tensor } from "@prosopon/graph";
import { uniforms } from "@prosopon/random";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";
import type { EditAllOptions } from "./edit-picture.ts";
import { createEditor } from "./editor.ts";
import { finish } from "./finish.ts";
import { microModel } from "./testing/micro-model.ts";

const picture = (seed: number) =>
  tensor(
    "float32",
    [1, 3, 16, 16],
    uniforms(seed, "image", 0, 768).map((v) => 2 * v - 1),
  );
const jobs: readonly EditAllOptions[] = [
  { image: picture(1), from: "neutral", to: ["happy", "sad"], steps: 5, guidance: 2, strength: 400 },
  { image: picture(2), from: "happy", to: ["sad", "neutral"], steps: 5, guidance: 6, strength: 700 },
];

test("edits at the same time share runs, each with its own emotions, guidance and times", async () => {
  const plain = await createHost({ kind: "in-process", threads: 1 });
  const runs: number[] = [];
  const host: typeof plain = {
    ...plain,
    async load(program, options) {
      const session = await plain.load(program, options);
      const run: typeof session.run = (feeds: Parameters<typeof session.run>[0], call?: object) => {
        if ("noisy" in feeds) runs.push(feeds["noisy"]!.shape[0]!);
        return session.run(feeds, call);
      };
      return { ...session, run };
    },
  };
  const all = async (together: number, how: "turn" | "once") => {
    await using editor = await createEditor({ host, ...microModel(), together });
    const edit = async (job: EditAllOptions) =>
      (await finish(editor.editAll(job))).map(({ latents }) => latents.edited.data);
    if (how === "once") return Promise.all(jobs.map(edit));
    return [await edit(jobs[0]!), await edit(jobs[1]!)];
  };
  const alone = await all(1, "turn");
  expect(runs.splice(0)).toHaveLength(20);
  const together = await all(2, "once");
  expect(runs.length).toBeLessThan(20);
  expect(runs.reduce((sum, rows) => sum + rows, 0)).toBe(2 * (5 + 5 * 2));
  const distance = (a: Float32Array, b: Float32Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));
  for (const [job, results] of together.entries())
    for (const [at, latent] of results.entries()) expect(distance(latent, alone[job]![at]!)).toBeLessThan(1e-3);
  // The control: a batch that mixed jobs up would be far off.
  expect(distance(together[0]![0]!, alone[1]![1]!)).toBeGreaterThan(0.05);
  await plain[Symbol.asyncDispose]();
});
