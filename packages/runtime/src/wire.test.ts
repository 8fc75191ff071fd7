import { expect, test } from "vitest";
import { bytes, integer, joined, lengthOf } from "./wire.ts";

// Examples of the protobuf encoding guide.
test("writes whole numbers as varints", () => {
  expect([...joined(integer(1, 150))]).toEqual([0x08, 0x96, 0x01]);
  expect([...joined(integer(1, 0))]).toEqual([0x08, 0x00]);
  expect([...joined(integer(16, 2 ** 32))]).toEqual([0x80, 0x01, 0x80, 0x80, 0x80, 0x80, 0x10]);
});

test("writes text and nested messages with their length", () => {
  expect([...joined(bytes(2, "testing"))]).toEqual([0x12, 0x07, ...new TextEncoder().encode("testing")]);
  expect([...joined(bytes(3, [integer(1, 150)]))]).toEqual([0x1a, 0x03, 0x08, 0x96, 0x01]);
});

test("knows the length beforehand", () => {
  const piece = [bytes(2, "é"), [integer(3, 300), bytes(4, [])]];
  expect(lengthOf(piece)).toBe(joined(piece).length);
});
