import { readFile } from "node:fs/promises";
import { samplers } from "@prosopon/reenactment/samplers";
import { expect, test } from "vitest";

test("docs/samplers.md tells of every sampler what the list does, and of no other", async () => {
  const page = await readFile(new URL("../../docs/samplers.md", import.meta.url), "utf8");
  const [, table] = page.split("| draws noise | from pure noise | `--sigmas` |\n|---|---|---:|---|---|---|\n");
  const says = (yes: boolean) => (yes ? "yes" : "no");
  const rows = Object.entries(samplers).map(
    ([name, { what, calls, draws, pureNoise, sigmas }]) =>
      `| \`${name}\` | ${what} | ${calls} | ${says(draws)} | ${says(pureNoise)} | ${says(sigmas)} |`,
  );
  expect(table!.split("\n\n")[0]!.split("\n")).toEqual(rows);
});
