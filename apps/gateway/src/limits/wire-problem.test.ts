import { ProsoponError } from "@prosopon/errors";
import { expect, test } from "vitest";
import { wireProblem } from "./wire-problem.ts";

test("a file that cannot be kept, as on a full disk, is no fault of ours or the caller's: 503, without its cause", () => {
  const full = new ProsoponError("output", "The file /secret could not be kept.");
  expect(wireProblem(full)).toMatchObject({ code: "UNAVAILABLE", status: 503 });
  expect(wireProblem(full).message).not.toContain("secret");
});

test("what nobody foresaw tells nothing", () => {
  for (const error of [new Error("/secret"), new ProsoponError("crashed", "/secret"), "/secret"])
    expect(wireProblem(error)).toEqual({ code: "INTERNAL", status: 500, message: "Unexpected error." });
});
