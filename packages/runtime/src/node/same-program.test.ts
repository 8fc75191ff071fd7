import { scalar } from "@prosopon/graph";
import { expect, test } from "vitest";
import { sameProgram } from "./same-program.ts";

const program = { model: Uint8Array.of(1, 2), parameters: { a: scalar(1) } };

test("programs differ by model, binding and parameter names", () => {
  expect(sameProgram(program, { ...program, model: Uint8Array.of(1, 2), bind: "initializers" })).toBe(true);
  expect(sameProgram(program, { ...program, model: Uint8Array.of(1, 3) })).toBe(false);
  expect(sameProgram(program, { ...program, bind: "inputs" })).toBe(false);
  expect(sameProgram(program, { ...program, parameters: { b: scalar(1) } })).toBe(false);
});
