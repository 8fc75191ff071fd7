import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "./manifests.ts";

const run = promisify(execFile);

const sample = `
import { expect, test } from "vitest";
const tries = { b: 0, d: 0, e: 0 };
test("a", () => expect(1).toBe(1));
test("b", () => expect(tries.b++).toBe(2));
test.skip("c", () => {});
test("d", () => expect(tries.d++).toBe(1));
test("e", () => {
  if (tries.e++ === 0) throw new Error("Property failed after 3 tests\\n{ seed: 5 }");
});
`;

/** What a small suite writes, with the settings of this repository's in continuous integration. */
async function suite(): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const folder = await mkdtemp(join(root, "tests/.closing-line-"));
  try {
    await writeFile(join(folder, "sample.test.js"), sample);
    const config = join(folder, "vitest.config.mjs");
    await writeFile(
      config,
      `import { defineConfig } from "vitest/config";
import ours from ${JSON.stringify(join(root, "vitest.config.ts"))};
const { reporters, projects: [{ test: { retry } }] } = ours.test;
export default defineConfig({
  test: { root: ${JSON.stringify(folder)}, include: ["*.test.js"], retry, reporters: reporters.map((one) => one.replace(/^\\./, ${JSON.stringify(root)})) },
});`,
    );
    const options = { cwd: root, env: { ...process.env, CI: "true" } };
    const { code, stdout } = await run("npx", ["vitest", "run", "--config", config], options).catch((error) => error);
    return { code, lines: stdout.trimEnd().split("\n") };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("the suite ends with the count that continuous integration reads, after the tests that were tried again", async () => {
  const { code, lines } = await suite();
  expect(code).toBe(1);
  expect(lines.slice(-3)).toEqual([
    "retried: sample.test.js > d: expected +0 to be 1 // Object.is equality",
    "1 retried",
    // What a property test found fails at once.
    "2 passed, 2 failed, 1 skipped",
  ]);
});
