import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { env } from "node:process";
import { expect, it } from "vitest";
import { trainingEnvironment } from "./training-environment.ts";

const glibc = (process.report?.getReport() as { header?: { glibcVersionRuntime?: string } }).header
  ?.glibcVersionRuntime;

const hugePages = "/sys/kernel/mm/transparent_hugepage/enabled";
/** Where the kernel gives huge pages to whoever maps much, nobody faults often. */
const hugeAnyway = () => existsSync(hugePages) && readFileSync(hugePages, "utf8").includes("[always]");

/** New pages that a process maps for 64 MiB after it has freed as much. */
const faults = (environment: Record<string, string | undefined>): number =>
  Number(
    execFileSync(
      process.execPath,
      [
        "--expose-gc",
        "-e",
        `const work = () => void new Uint8Array(2 ** 26).fill(1);
         work(); gc(); work(); gc();
         const before = process.resourceUsage().minorPageFault;
         work();
         console.log(process.resourceUsage().minorPageFault - before);`,
      ],
      { env: environment as NodeJS.ProcessEnv, encoding: "utf8" },
    ),
  );

// Another C library is not told, and has its own ways.
it.skipIf(glibc === undefined)("a process that trains finds large blocks again", () => {
  const { GLIBC_TUNABLES: _, ...plain } = env;
  expect(faults(trainingEnvironment(plain))).toBeLessThan(200);
  if (!hugeAnyway()) expect(faults(plain)).toBeGreaterThan(10_000);
});

it("keeps what the parent was told", () => {
  const given = trainingEnvironment({ A: "b", GLIBC_TUNABLES: "glibc.malloc.check=1" });
  expect(given["A"]).toBe("b");
  expect(given["GLIBC_TUNABLES"]).toMatch(/^glibc\.malloc\.check=1/);
});
