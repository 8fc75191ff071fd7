import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { editingCases } from "./editing-cases.ts";
import { firstStageCases } from "./first-stage-cases.ts";
import { type Fixture, fixture, fullRoot, haveFull } from "./fixture.ts";
import { importedFixture } from "./imported-fixture.ts";
import { scheduleCases } from "./schedule-cases.ts";
import { talkingCases } from "./talking-cases.ts";
import { trainingCases } from "./training-cases.ts";
import { unetCases } from "./unet-cases.ts";

/** Every recorded case, with weights that came through our own import of the original's checkpoints. */
describe.skipIf(!haveFull())("fixtures through the importer (PROSOPON_FIXTURES)", () => {
  let folder = "";
  const made = new Map<string, Fixture>();
  const open = (model: string) => () => made.get(model)!;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "prosopon-imported-"));
    for (const model of ["ldm-micro", "ldm-tiny", "talk-tiny"])
      made.set(model, await importedFixture(fullRoot, model, join(folder, model)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(["ldm-micro", "ldm-tiny", "talk-tiny"])("%s: the values are those of its safetensors twin", (model) => {
    const twin = fixture(fullRoot, model).weights;
    const found = open(model)().weights;
    expect(found.size).toBeGreaterThan(500);
    for (const [name, value] of found) {
      const before = twin.get(name)!;
      expect([name, value.shape]).toEqual([name, before.shape]);
      expect(Buffer.compare(bytes(value.data), bytes(before.data)), name).toBe(0);
    }
    const missing = [...twin.keys()].filter((name) => !found.has(name));
    expect(missing).toEqual(["model_ema.decay", "model_ema.num_updates"]);
  });

  unetCases("ldm-micro", open("ldm-micro"));
  editingCases("ldm-micro", open("ldm-micro"), {
    manipulations: ["manip-g1", "manip-g2"],
    generations: ["ddimA-eta0"],
    plms: [],
  });
  trainingCases("ldm-micro", open("ldm-micro"));
  unetCases("ldm-tiny", open("ldm-tiny"));
  firstStageCases("ldm-tiny", open("ldm-tiny"));
  scheduleCases("ldm-tiny", open("ldm-tiny"));
  editingCases("ldm-tiny", open("ldm-tiny"), {
    manipulations: ["manip-g1", "manip-cycle", "manip-g3"],
    generations: ["ddimA-eta0", "ddimA-eta1", "ddimA-eta1-g3"],
    plms: ["plms-g1", "plms-g2"],
  });
  trainingCases("ldm-tiny", open("ldm-tiny"));
  talkingCases("talk-tiny", open("talk-tiny"));
});

const bytes = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
