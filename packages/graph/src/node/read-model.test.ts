import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProsoponError } from "@prosopon/errors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { modelMessage } from "../protobuf/messages.ts";
import { readModel } from "./read-model.ts";
import { readWeights } from "./read-weights.ts";

let folder = "";
let models = "";

const model = (location: string, offset = 4, length = 12) =>
  modelMessage
    .encode({
      ir_version: 8,
      opset_import: [{ version: 17 }],
      graph: {
        node: [{ op_type: "Add", input: ["x", "w"], output: ["y"] }],
        input: [{ name: "x", type: { tensor_type: { elem_type: 1, shape: { dim: [{ dim_value: 3 }] } } } }],
        output: [{ name: "y" }],
        initializer: [
          {
            name: "w",
            dims: [3],
            data_type: 1,
            data_location: 1,
            external_data: [
              { key: "location", value: location },
              { key: "offset", value: String(offset) },
              { key: "length", value: String(length) },
            ],
          },
        ],
      },
    })
    .finish();

async function write(location: string, offset?: number, length?: number): Promise<string> {
  const file = join(models, "model.onnx");
  await writeFile(file, model(location, offset, length));
  return file;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "prosopon-graph-"));
  models = join(folder, "models");
  await mkdir(join(models, "inner"), { recursive: true });
  const data = new Uint8Array(Float32Array.of(9, 1, 2, 3).buffer);
  await writeFile(join(models, "weights.bin"), data);
  await writeFile(join(models, "inner", "weights.bin"), data);
  await writeFile(join(folder, "secret.bin"), data);
  await symlink(join(folder, "secret.bin"), join(models, "link.bin"));
  await symlink("weights.bin", join(models, "near.bin"));
  await symlink(folder, join(models, "up"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("external data", () => {
  test.each([
    "weights.bin",
    "./weights.bin",
    "inner/weights.bin",
    "inner/../weights.bin",
    "near.bin",
  ])("is read from %s", async (location) => {
    const file = await write(location);
    const g = await readModel(file);
    expect([...([...g.constants.values()][0]!.data as Float32Array)]).toEqual([1, 2, 3]);
    expect([...((await readWeights(file)).get("w")!.data as Float32Array)]).toEqual([1, 2, 3]);
  });

  test.each([
    "../secret.bin",
    "inner/../../secret.bin",
    "link.bin",
    "up/secret.bin",
    "..",
    ".",
    "",
    "C:\\x",
    "..\\secret.bin",
  ])("is not read from %j, which leaves the folder", async (location) => {
    const failure = await readModel(await write(location)).catch((error: unknown) => error);
    expect(isProsoponError(failure) && failure.code).toBe("bad-file");
    expect(String(failure)).toMatch(/leaves the folder|is no path inside/);
  });

  test("is not read by an absolute path, even to the folder itself", async () => {
    await expect(readModel(await write(join(models, "weights.bin")))).rejects.toThrow(/is no path inside/);
  });

  test("is refused where the file is too short or absent", async () => {
    await expect(readModel(await write("weights.bin", 8))).rejects.toThrow(/has 16 bytes; 12 at 8 are needed/);
    await expect(readModel(await write("weights.bin", -4))).rejects.toThrow(/bytes, not 12 at -4/);
    await expect(readModel(await write("weights.bin", 0, 8))).rejects.toThrow(/needs 12 bytes, not 8/);
    await expect(readModel(await write("none.bin"))).rejects.toThrow(/"none.bin" cannot be found/);
    await expect(readModel(await write("inner"))).rejects.toThrow(/"inner" has \d+ bytes/);
  });

  test("may lie in another folder that the caller names", async () => {
    const file = await write("secret.bin");
    expect((await readModel(file, { folder })).nodes).toHaveLength(1);
    await expect(readModel(file)).rejects.toThrow(/cannot be found/);
  });
});

test("a model that is not there is not found", async () => {
  const failure = await readModel(join(models, "nothing.onnx")).catch((error: unknown) => error);
  expect(isProsoponError(failure) && failure.code).toBe("not-found");
});
