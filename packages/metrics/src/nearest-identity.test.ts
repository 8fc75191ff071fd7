import { expect, test } from "vitest";
import { nearestIdentity } from "./nearest-identity.ts";

let state = 1;
const vector = () =>
  Float32Array.from({ length: 16 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32 - 0.5;
  });
const people = Array.from({ length: 30 }, vector);
const rate = (edit: (i: number) => ArrayLike<number>, others: number) => {
  const judgement = nearestIdentity({ others }).start();
  people.forEach((source, i) => void judgement.add({ person: `${i}`, source, edit: edit(i) }));
  return judgement.result();
};

test("unchanged edits: every one is nearest to its source", () => {
  expect(rate((i) => people[i]!, 20)).toEqual({ count: 30, rate: 1, chance: 1 / 21 });
});

test("edits that became the next person: none is", () => {
  expect(rate((i) => people[(i + 1) % 30]!, 20).rate).toBe(0);
});

test("edits that have nothing to do with anybody: about chance", () => {
  const found = rate(vector, 2);
  expect(found.rate).toBeGreaterThan(0.1);
  expect(found.rate).toBeLessThan(0.6);
});

test("other pictures of the same person are no others", () => {
  const judgement = nearestIdentity({ others: 1 }).start();
  judgement.add({ person: "a", source: [1, 0], edit: [1, 0.2] });
  // Nearer to the edit above than its own source is, but the same person.
  judgement.add({ person: "a", source: [1, 0.2], edit: [1, 0.2] });
  judgement.add({ person: "b", source: [0, 1], edit: [0, 1] });
  expect(judgement.result().rate).toBe(1);
});

test("too few people and unlike embeddings are refused", () => {
  const judgement = nearestIdentity({ others: 2 }).start();
  for (const person of ["a", "b", "b"]) judgement.add({ person, source: [1, 0], edit: [1, 0] });
  expect(() => judgement.result()).toThrow(/2 people are too few/);
  expect(() => judgement.add({ person: "c", source: [1, 0, 0], edit: [1, 0, 0] })).toThrow(/no cosine/);
  expect(() => nearestIdentity({ others: 0 })).toThrow(/no number/);
});
