import { expect, test } from "vitest";
import { privateLog } from "./private-log.ts";

test("a line holds known fields only, short ones", () => {
  const lines: string[] = [];
  const tell = privateLog(
    (line) => lines.push(line),
    () => 5,
  );
  tell("warn", "event", {
    tenant: "anna",
    bytes: 3,
    reason: "x".repeat(500),
    ...({ fileName: "me.jpg", prompt: "secret" } as object),
  });
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 40,
    time: 5,
    event: "event",
    tenant: "anna",
    bytes: 3,
    reason: "x".repeat(128),
  });
});
