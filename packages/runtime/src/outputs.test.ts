import { scalar } from "@prosopon/graph";
import { expect, test } from "vitest";
import { handleOf, isHandle, tensorOf } from "./outputs.ts";
import type { Handle } from "./session.ts";

const handle: Handle = { kind: "handle", id: 1, dtype: "float32", shape: [] };
const outputs = { loss: scalar(1), weights: handle };

test("tells tensors from handles", () => {
  expect(isHandle(handle)).toBe(true);
  expect(isHandle(scalar(1))).toBe(false);
});

test("finds outputs of the wanted kind and names the others", () => {
  expect(tensorOf(outputs, "loss").data[0]).toBe(1);
  expect(handleOf(outputs, "weights")).toBe(handle);
  expect(() => tensorOf(outputs, "weights")).toThrow("kept as a handle");
  expect(() => handleOf(outputs, "loss")).toThrow("not named in keep");
  expect(() => tensorOf(outputs, "lost")).toThrow("loss, weights");
});
