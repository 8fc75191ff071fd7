import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { root } from "./manifests.ts";

const run = promisify(execFile);

test("the suite ends with the count that continuous integration reads", async () => {
  const folder = await mkdtemp(join(root, "tests/.closing-line-"));
  try {
    const file = join(folder, "sample.test.js");
    await writeFile(
      file,
      'import { expect, test } from "vitest";\ntest("a", () => expect(1).toBe(1));\ntest("b", () => expect(1).toBe(2));\ntest.skip("c", () => {});\n',
    );
    const config = join(folder, "vitest.config.mjs");
    await writeFile(
      config,
      `export default { test: { root: ${JSON.stringify(folder)}, include: ["*.test.js"], reporters: ["default", ${JSON.stringify(join(root, "tools/closing-line.mjs"))}] } };\n`,
    );
    const result = await run("npx", ["vitest", "run", "--config", config], { cwd: root }).catch((error) => error);
    expect(result.code).toBe(1);
    expect(result.stdout.trimEnd().split("\n").at(-1)).toBe("1 passed, 1 failed, 1 skipped");
  } finally {
    await rm(folder, { recursive: true });
  }
});
