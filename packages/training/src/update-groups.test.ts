import { type Tensor, tensor } from "@prosopon/graph";
import type { Host, Session } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MicroModelOptions, microData, microModel } from "./micro-model.test.support.ts";
import { createTrainer } from "./trainer.ts";
import { initialState, type TrainingState } from "./training-state.ts";

let host: Host;
beforeAll(async () => {
  host = await createHost({ kind: "in-process", threads: 1 });
});
afterAll(() => host[Symbol.asyncDispose]());

const options: MicroModelOptions = { layout: "per-tensor", clip: 0.3, average: { decay: 0.9 } };
const batch = async (step: number) => (await microData().batch(step, 5)) as Record<string, Tensor>;
const valuesOf = ({ tensors }: TrainingState) =>
  Object.fromEntries([...tensors].sort().map(([name, { data }]) => [name, Array.from(data as Float32Array)]));

async function run(more: MicroModelOptions, steps: readonly number[], from?: TrainingState) {
  const program = microModel({ ...options, ...more });
  await using trainer = await createTrainer({ host, program, state: from ?? initialState(program, { seed: 1 }) });
  const results = [];
  for (const step of steps) results.push(await trainer.run(await batch(step)));
  return { state: await trainer.state(), results, updates: program.updates.length };
}

test.each([
  ["flat", 1, 1],
  ["per-tensor", 1, 4],
  ["per-tensor", 40, 3],
  ["per-tensor", 64, 2],
] as const)("groups of parameters (%s, %d numbers) are updated as all are at once", async (layout, together, groups) => {
  const steps = [0, 1, 2, 3, 4, 5];
  const whole = await run({ layout }, steps);
  const apart = await run({ layout, updateTogether: together }, steps);
  expect([whole.updates, apart.updates]).toEqual([0, groups === 1 ? 0 : groups]);
  expect(valuesOf(apart.state)).toEqual(valuesOf(whole.state));
  expect(apart.results).toEqual(whole.results);
  // The limit of the norm was reached, else it would not show that it is one norm over all groups.
  expect(
    Math.max(...whole.results.map(({ metrics }) => Number(metrics["gradientNorm/error"]!.data[0]))),
  ).toBeGreaterThan(0.3);
});

test("a run goes on from a state of other groups, and with micro-batches", async () => {
  const whole = await run({}, [0, 1, 2, 3]);
  const half = await run({ updateTogether: 1 }, [0, 1]);
  const rest = await run({ updateTogether: 50 }, [2, 3], half.state);
  expect(valuesOf(rest.state)).toEqual(valuesOf(whole.state));
  const [joined, parts] = [{ accumulate: 4 }, { accumulate: 4, updateTogether: 1 }];
  expect(valuesOf((await run(parts, [0, 1])).state)).toEqual(valuesOf((await run(joined, [0, 1])).state));
});

/** A host that lets `spoil` do as it likes with the sessions that it loads, counted from 0. */
const hostWith = (spoil: (session: Session, n: number) => Session): Host => {
  let loaded = 0;
  return { ...host, load: async (...call) => spoil(await host.load(...call), loaded++) };
};

test("a loss that is not finite and a call that is cancelled leave the state as it was", async () => {
  const program = microModel({ ...options, updateTogether: 1 });
  let whileRunning = () => {};
  const cancelling = hostWith((session, n) => {
    const run = (...call: Parameters<Session["run"]>) => {
      const result = session.run(...call);
      whileRunning();
      return result;
    };
    return n > 0 ? session : { ...session, run: run as Session["run"] };
  });
  await using trainer = await createTrainer({ host: cancelling, program, state: initialState(program, { seed: 1 }) });
  const before = valuesOf(await trainer.state());
  const feeds = await batch(0);
  const poisoned = { ...feeds, x: tensor("float32", [8, 3], [...Array(23).fill(1), Number.NaN]) };
  await expect(trainer.run(poisoned)).rejects.toThrow('The loss "error" is NaN');
  const cancel = new AbortController();
  whileRunning = () => cancel.abort();
  await expect(trainer.run(feeds, { signal: cancel.signal })).rejects.toMatchObject({ code: "cancelled" });
  expect(valuesOf(await trainer.state())).toEqual(before);
  expect(trainer.step).toBe(0);
  await trainer.run(feeds);
  expect(valuesOf(await trainer.state())).not.toEqual(before);
});

test("a failure in the middle of the update says that the state is lost, and stays so", async () => {
  const program = microModel({ ...options, updateTogether: 1 });
  const fail = (): Promise<never> => Promise.reject(new Error("no memory"));
  const failing = hostWith((session, n) => (n < 2 ? session : { ...session, run: fail }));
  await using trainer = await createTrainer({ host: failing, program, state: initialState(program, { seed: 1 }) });
  const lost = { code: "crashed", mend: "Go on from the last checkpoint.", cause: new Error("no memory") };
  await expect(trainer.run(await batch(0))).rejects.toMatchObject(lost);
  await expect(trainer.run(await batch(0))).rejects.toMatchObject(lost);
  await expect(trainer.evaluate(await batch(0))).rejects.toMatchObject(lost);
  await expect(trainer.state()).rejects.toMatchObject(lost);
  expect(trainer.step).toBe(0);
});

test.each([0, 1.5])("%s numbers together are refused", (updateTogether) => {
  expect(() => microModel({ updateTogether })).toThrow(`${updateTogether} numbers cannot be updated together.`);
});
