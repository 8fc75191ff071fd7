import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linearSchedule, scheduleBuffers } from "@prosopon/core-diffusion";
import { type DType, sizeOf, type Tensor, tensor } from "@prosopon/graph";
import { planImport } from "@prosopon/models";
import { exportModel, importModel } from "@prosopon/models/node";
import { openStateDict, writeWeights } from "@prosopon/weights/node";
import { describe, expect, test } from "vitest";
import { fullRoot, haveFull } from "../reference/fixture.ts";

type Row = readonly [name: string, shape: readonly number[], dtype: DType];
const stored = (name: string): readonly Row[] =>
  JSON.parse(readFileSync(`${fullRoot}/names/${name}.state_dict.json`, "utf8"));

const buffers: Readonly<Record<string, Float32Array>> = scheduleBuffers(linearSchedule());

/** Values that differ from name to name and place to place, quickly made; schedule buffers as they are. */
function madeOf([name, shape, dtype]: Row): Tensor {
  const own = buffers[name];
  if (own) return tensor("float32", shape, own);
  if (dtype === "int32") return tensor("int32", shape, [7]);
  const data = new Float32Array(sizeOf(shape));
  const start = [...name].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1021, 7);
  for (let i = 0; i < data.length; i++) data[i] = ((i * 17 + start) % 1021) / 5000 - 0.1;
  return tensor("float32", shape, data);
}

describe.skipIf(!haveFull())("thesis-size checkpoints (PROSOPON_FIXTURES)", () => {
  test.each([
    ["affectnet-ldm", "reenactment", 156_760_483],
    ["mead-ldm", "talking-face", 163_158_883],
  ] as const)("%s is recognised by its names and shapes alone", (name, kind, count) => {
    const shapes = new Map(stored(name).map(([key, shape]) => [key, shape]));
    const { models, weights, unused } = planImport({ name, shapes });
    expect(models.map(({ model }) => model.kind)).toEqual(["first-stage", kind]);
    expect(weights).toBe("ema");
    const [stage, denoiser] = models;
    const sum = (sources: ReadonlyMap<string, string>, prefix: string) =>
      [...sources].reduce(
        (total, [ours, theirs]) => total + (ours.startsWith(prefix) ? sizeOf(shapes.get(theirs)!) : 0),
        0,
      );
    expect(sum(denoiser!.sources, "model.diffusion_model.")).toBe(count);
    expect([...denoiser!.sources.keys()].filter((key) => key.startsWith("model.diffusion_model."))).toHaveLength(626);
    expect(sum(stage!.sources, "")).toBe(60_605_598);
    expect(stage!.sources.size).toBe(255);
    expect(denoiser!.model.config).toMatchObject({
      unet: { model_channels: 160, channel_mult: [1, 2, 4], attention_resolutions: [1, 2, 4], num_head_channels: 32 },
    });
    expect(stage!.model.config).toMatchObject({
      ddconfig: { resolution: 128, attn_resolutions: [32], ch: 128 },
      n_embed: 16384,
    });
    // 12 buffers, decay, updates, and the live weights behind the averages.
    expect(unused).toHaveLength(14 + 626);
  });

  test("affectnet-ldm: import, export: zero missing, zero unexpected keys, identical tensors", async () => {
    const folder = await mkdtemp(join(tmpdir(), "prosopon-full-size-"));
    try {
      const rows = stored("affectnet-ldm");
      const byName = new Map(rows.map((row) => [row[0], row]));
      const file = join(folder, "ldm.safetensors");
      const plan = {
        rows: rows.map(([name, shape, dtype]) => [name, dtype, shape] as const),
        read: async (name: string) => madeOf(byName.get(name)!),
      };
      await writeWeights(file, plan);
      await importModel({ file, folder, name: "m", weights: "raw" });
      await rm(file);
      const out = join(folder, "out.ckpt");
      await exportModel({ folders: [folder], name: "m", file: out });
      await using again = await openStateDict(out);
      expect(again.names).toEqual(rows.map(([name]) => name));
      for (const row of rows) {
        const [name, shape, dtype] = row;
        const { shape: found, dtype: type } = again.info(name);
        expect([name, found, type]).toEqual([name, shape, dtype]);
        if (name.startsWith("model_ema.") || buffers[name]) continue;
        const [a, b] = [(await again.read(name)).data as Float32Array, madeOf(row).data as Float32Array];
        expect(Buffer.compare(Buffer.from(a.buffer, a.byteOffset, a.byteLength), Buffer.from(b.buffer)), name).toBe(0);
      }
      // Tensors pass one at a time: never near the file's 1.5 GB.
      const peak = process.resourceUsage().maxRSS / 1024;
      expect(peak, "MB at the peak").toBeLessThan(1200);
      process.stderr.write(`peak memory ${peak.toFixed(0)} MB\n`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
