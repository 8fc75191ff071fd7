import { describe, expect, it } from "vitest";
import { crc32, portableCrc32 } from "./crc32.ts";

describe("crc32", () => {
  it.each([
    ["this Node's", crc32],
    ["portable", portableCrc32],
  ])("%s gives the check value of the standard, in one piece or two", (_, checksum) => {
    const bytes = new TextEncoder().encode("123456789");
    expect(checksum(bytes)).toBe(0xcbf43926);
    expect(checksum(bytes.subarray(4), checksum(bytes.subarray(0, 4)))).toBe(0xcbf43926);
  });
});
