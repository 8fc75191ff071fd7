import { expect, test } from "vitest";
import { ProsoponError } from "./prosopon-error.ts";
import { receivedError, sendableError } from "./sent-error.ts";

const sent = (error: unknown) => receivedError(JSON.parse(JSON.stringify(sendableError(error))));

test("an error arrives with its code, values and mend", () => {
  const error = new ProsoponError("bad-file", "It is torn.", {
    values: { size: 3n, path: "a" },
    mend: "Fetch it again.",
  });
  const received = sent(error);
  expect(received).toBeInstanceOf(ProsoponError);
  expect(received).toMatchObject({
    code: "bad-file",
    message: error.message,
    mend: "Fetch it again.",
    values: { size: "3", path: "a" },
  });
  expect(String(received.cause)).toContain("sent-error.test");
});

test("any other thing arrives as an internal error", () => {
  expect(sent(new TypeError("oops"))).toMatchObject({ code: "internal", message: "oops" });
  expect(sent("oops")).toMatchObject({ code: "internal", message: "oops" });
});
