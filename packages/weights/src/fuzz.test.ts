import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "./open-checkpoint.ts";
import { openWeights } from "./open-weights.ts";
import { decodeSafetensors } from "./safetensors.ts";
import { stateDictOf } from "./state-dict.ts";
import type { TensorSource } from "./tensor-source.ts";
import { unpickleTorch } from "./torch-pickle.ts";

const fixture = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, "../fixtures", name)));
const limit = 64 << 20;

/** Largest single allocation by `new ArrayBuffer(n)` or a typed array of n elements, while the constructors are watched. */
let largest = 0;
const watched = ["ArrayBuffer", "Uint8Array", "Uint16Array", "Uint32Array", "Float32Array", "Array"] as const;
const originals = new Map(watched.map((name) => [name, globalThis[name]]));
function watch(): void {
  largest = 0;
  for (const [name, original] of originals)
    Object.assign(globalThis, {
      [name]: new Proxy(original as never, {
        construct(target, [first, ...more], made) {
          const width = (original as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? (name === "Array" ? 8 : 1);
          if (typeof first === "number") largest = Math.max(largest, first * width);
          return Reflect.construct(target, [first, ...more], made);
        },
      }),
    });
}
function unwatch(): void {
  for (const [name, original] of originals) Object.assign(globalThis, { [name]: original });
}

type Edit = {
  readonly kind: "set" | "cut" | "insert" | "delete" | "copy";
  readonly at: number;
  readonly value: number;
  readonly length: number;
};
const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom("set", "set", "set", "set", "set", "insert", "delete", "copy", "cut"),
  at: fc.noBias(fc.nat(999_999)).map((n) => n / 1_000_000), // unbiased: else most edits fall on the first byte
  value: fc.oneof(fc.constantFrom(0, 1, 0x28, 0x51, 0x52, 0x7f, 0x80, 0x81, 0xff, 0x2e, 0x94, 0x8e, 0x6a), fc.nat(255)),
  length: fc.integer({ min: 1, max: 8 }),
});

function mutate(source: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let bytes = [...source];
  for (const { kind, at, value, length } of edits) {
    const place = Math.floor(at * bytes.length);
    if (kind === "set") bytes[place] = value;
    else if (kind === "cut") bytes = bytes.slice(0, place);
    else if (kind === "insert") bytes.splice(place, 0, ...new Array(length).fill(value));
    else if (kind === "delete") bytes.splice(place, length);
    else bytes.splice(Math.floor((value / 256) * bytes.length), length, ...bytes.slice(place, place + length));
  }
  return Uint8Array.from(bytes);
}

async function readAll(source: TensorSource): Promise<void> {
  for (const name of source.names) {
    source.info(name);
    await source.read(name);
  }
}

const files: readonly [name: string, region: readonly [from: number, to: number]][] = [
  ["ckpt-views.ckpt", [0, 1]],
  ["ckpt-legacy-nested.ckpt", [0, 1]],
  ["ckpt-deflated.ckpt", [0, 1]],
  ["ckpt-hparams.ckpt", [0, 0.5]],
  ["expected.safetensors", [0, 0.5]],
];

describe("mutated files", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "prosopon-fuzz-"));
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(watch);
  afterEach(unwatch);

  it.each(files)("%s: 60 mutations are read or refused, with little memory", async (name, [from, to]) => {
    const source = fixture(name);
    const file = join(folder, name);
    const counts = { read: 0, refused: 0 };
    const before = process.memoryUsage().arrayBuffers;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), async (edits) => {
        const inRegion = edits.map((one) => ({ ...one, at: from + one.at * (to - from) }));
        const bytes = mutate(source, inRegion);
        await writeFile(file, bytes);
        try {
          if (name.endsWith(".ckpt")) {
            await using checkpoint = await openCheckpoint(file);
            await readAll(checkpoint);
          } else {
            await using weights = await openWeights(file);
            await readAll(weights);
            decodeSafetensors(bytes);
          }
          counts.read++;
        } catch (error) {
          if (!isProsoponError(error) || error.code !== "bad-file") throw error;
          counts.refused++;
        }
        expect(largest).toBeLessThan(limit);
        expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(limit);
      }),
      { numRuns: 60, seed: 20240607 },
    );
    expect(counts.read + counts.refused).toBeGreaterThanOrEqual(60);
    expect(counts.refused).toBeGreaterThan(0);
    expect(largest).toBeGreaterThan(0); // the watch sees the reader's allocations
  });

  // A damaged ZIP member fails its checksum, so the pickle itself is mutated here, without a file around it.
  it.each([
    ["ckpt-hparams.ckpt", "\x80\x02}"],
    ["ckpt-protocol4.ckpt", "\x80\x04\x95"],
  ])("the pickle of %s: 300 mutations are read or refused, with little memory", (name, start) => {
    const source = fixture(name);
    const at = Buffer.from(source).indexOf(Buffer.from(start, "latin1"));
    const pickle = source.subarray(at, unpickleTorch(source, at).end);
    const counts = { read: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        try {
          stateDictOf(unpickleTorch(mutate(pickle, edits)).value);
          counts.read++;
        } catch (error) {
          if (!isProsoponError(error) || error.code !== "bad-file") throw error;
          counts.refused++;
        }
        expect(largest).toBeLessThan(limit);
      }),
      { numRuns: 300, seed: 20240608 },
    );
    expect(counts.read).toBeGreaterThan(5);
    expect(counts.refused).toBeGreaterThan(100);
  });
});
