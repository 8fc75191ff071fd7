import fc from "fast-check";
import { expect, test } from "vitest";
import { gate } from "./admission.ts";

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setTimeout(resolve));

test("runs never take more memory than there is, suspects are alone, and all get in, in order", async () => {
  const run = fc.record({ megabytes: fc.integer({ min: 0, max: 120 }), alone: fc.boolean(), leave: fc.nat(5) });
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 12 }), async (all) => {
      const room = gate(100);
      const inside = new Set<(typeof all)[number]>();
      const order: number[] = [];
      await Promise.all(
        all.map(async (one, i) => {
          const leave = await room.enter(one, never);
          order.push(i);
          inside.add(one);
          const used = [...inside].reduce((sum, { megabytes }) => sum + megabytes, 0);
          expect(inside.size === 1 || used <= 100).toBe(true);
          expect(inside.size === 1 || ![...inside].some(({ alone }) => alone)).toBe(true);
          for (let turn = 0; turn <= one.leave; turn++) await Promise.resolve();
          inside.delete(one);
          leave();
          leave(); // a second time does nothing
        }),
      );
      expect(order).toEqual(all.map((_, i) => i));
    }),
    { numRuns: 50 },
  );
});

test("who gives up lets the next one in", async () => {
  const room = gate(100);
  const leave = await room.enter({ megabytes: 60, alone: false }, never);
  const cancel = new AbortController();
  const large = room.enter({ megabytes: 60, alone: false }, cancel.signal);
  const small = room.enter({ megabytes: 30, alone: false }, never);
  const state: string[] = [];
  void small.then(() => state.push("small"));
  await settle();
  expect(state).toEqual([]);
  cancel.abort(new Error("no longer wanted"));
  await expect(large).rejects.toThrow("no longer wanted");
  await small;
  leave();
  await expect(room.enter({ megabytes: 1, alone: false }, cancel.signal)).rejects.toThrow("no longer wanted");
});
