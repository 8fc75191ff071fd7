import { slice } from "@prosopon/graph";
import { expect, test } from "vitest";
import type { Expert } from "./expert.ts";
import { checkExpert, fakeExpert } from "./expert-conformance.ts";

test("the fake expert keeps the promises", () => {
  expect(() => checkExpert(fakeExpert())).not.toThrow();
  const parameters = {
    names: ["conv.weight", "conv.bias", "head.weight", "head.bias"],
    read: () => Promise.reject(new Error("not needed")),
  };
  expect(() => checkExpert({ ...fakeExpert(), parameters })).not.toThrow();
});

test.each<readonly [string, Partial<Expert>]>([
  ["preprocess", { preprocess: (image) => image }],
  ["features gives nothing", { features: () => [] }],
  ["first axis", { features: (_, x) => [slice(x, { axis: 0, start: 0, end: 1 })] }],
  ["not among its tensors", { parameters: { names: ["conv.weight"], read: () => Promise.reject(new Error()) } }],
  ["name is empty", { name: "" }],
])("a broken expert is named: %s", (promise, change) => {
  expect(() => checkExpert({ ...fakeExpert(), ...change })).toThrow(promise);
});
