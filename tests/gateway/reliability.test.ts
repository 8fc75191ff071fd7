import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

// The short forms of what `npm run faults`, `fuzz` and `soak` do whole. Each prints its seed, and ends with 1 when something did not hold.
const seed = process.env["RELIABILITY_SEED"] ?? "20261127";

function run(tool: string, ...options: string[]): Promise<{ readonly code: number; readonly output: string }> {
  const program = fileURLToPath(new URL(`../../tools/reliability/${tool}.mjs`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [program, "--seed", seed, ...options], { timeout: 280_000 }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: `${stdout}${stderr}` }),
    );
  });
}

const noRedis = /There is no redis-server/;

describe.concurrent("the service as processes", () => {
  test.for([
    ["faults", "--short"],
    ["fuzz", "--runs", "60"],
    ["soak", "--minutes", "0.15"],
  ] as const)("%s %s %s", { timeout: 300_000 }, async ([tool, ...options], { skip }) => {
    const { code, output } = await run(tool, ...options);
    if (noRedis.test(output) && process.env["CI"] !== "true") skip("there is no redis-server here");
    expect(code, output).toBe(0);
  });
});
