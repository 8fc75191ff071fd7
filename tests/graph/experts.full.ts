import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type DecodeOptions, decodeModel, encodeModel, tensor } from "@prosopon/graph";
import { describe, expect, test } from "vitest";
import { runModel } from "./run-model.ts";

const folder = join(process.env["PROSOPON_DATA"] ?? "../shared/data", "experts");
const files = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith(".onnx")) : [];

const options: Readonly<Record<string, DecodeOptions>> = {
  "silero_vad_16k.onnx": {
    dimensions: { batch: 1, sequence: 576 },
    fixed: { sr: tensor("int64", [], [16000]) },
  },
  "yunet_n_dynamic.onnx": { dimensions: { batch: 1, height: 96, width: 128 } },
};

let state = 1;
const noise = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state / 2 ** 32) * 2 - 1;
};

describe.skipIf(files.length === 0)(`experts in ${folder} (skipped where the data are absent)`, () => {
  test.each(files)("%s decodes, re-encodes and runs equal to the original", async (file) => {
    const bytes = readFileSync(join(folder, file));
    const given = options[file] ?? { dimensions: { N: 2 } };
    const graph = decodeModel(bytes, given);
    const feeds = Object.fromEntries(
      graph.inputs.map((v) => [
        v.name,
        tensor(v.dtype, v.shape, Array.from({ length: v.shape.reduce((a, b) => a * b, 1) }, noise)),
      ]),
    );
    const expected = await runModel(bytes, { ...feeds, ...given.fixed });
    const actual = await runModel(encodeModel(graph), feeds);
    expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, { data, shape }] of Object.entries(expected)) {
      expect(actual[name]!.shape, name).toEqual(shape);
      expect(graph.outputs.get(name)!.shape, name).toEqual(shape);
      const [a, b] = [data as Float32Array, actual[name]!.data as Float32Array];
      const scale = a.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-6);
      expect(a.length).toBeGreaterThan(0);
      const worst = a.reduce((m, v, i) => Math.max(m, Math.abs(v - b[i]!)), 0);
      expect(worst / scale, name).toBeLessThan(1e-4);
      // Control: an output that does not depend on the input would prove nothing.
      expect(new Set(a).size, name).toBeGreaterThan(a.length > 1 ? 1 : 0);
    }
  });
});
