import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lossCurve } from "../loss-curve.ts";
import { openLossLog } from "./loss-log.ts";

test("a record is appended to, and a resumed one drops the rows of steps that are done again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "training-"));
  try {
    const file = join(folder, "loss.csv");
    const log = await openLossLog({ file, columns: ["a", "b"] });
    for (let step = 1; step <= 4; step++) await log.append({ step, values: { a: step / 2, b: -1e-7 } });
    await appendFile(file, "5,2.");
    const resumed = await openLossLog({ file, columns: ["a", "b"], step: 3 });
    await resumed.append({ step: 4, values: { a: 9 } });
    expect(await readFile(file, "utf8")).toBe("step,a,b\n1,0.5,-1e-7\n2,1,-1e-7\n3,1.5,-1e-7\n4,9,\n");
    expect((await resumed.rows()).at(-1)).toEqual({ step: 4, values: { a: 9 } });
    await expect(openLossLog({ file, columns: ["a"], step: 3 })).rejects.toMatchObject({ code: "bad-input" });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the curve shows means of stretches", () => {
  const rows = Array.from({ length: 10 }, (_, i) => ({ step: i + 1, values: { a: i } }));
  const { series } = lossCurve({ rows, plot: (options) => options, points: 5 });
  expect(series).toEqual([{ name: "a", x: [2, 4, 6, 8, 10], y: [0.5, 2.5, 4.5, 6.5, 8.5] }]);
});
