import { defineConfig } from "vitest/config";

const conditions = ["@prosopon/source"];
// Three tiers by file name: x.test.ts is fast, x.full.ts needs minutes or the large fixtures, x.soak.ts is run by hand.
const tier = (name: string, suffix: string, testTimeout: number) => ({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    include: [`{packages,apps}/*/src/**/*.${suffix}.ts`, `tests/**/*.${suffix}.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    // Real sockets and processes on a shared machine: continuous integration tries once more, and the closing lines say so. What
    // a property test found is not tried again: another seed would hide it.
    retry: { count: process.env["CI"] ? 1 : 0, condition: /^(?!Property failed)/ },
    pool: "forks" as const,
    // Some tests load the runtime's library themselves; it would report to its maker.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    maxWorkers: 2,
    passWithNoTests: true,
  },
});

export default defineConfig({
  test: {
    reporters: ["default", "./tools/closing-line.mjs"],
    projects: [tier("fast", "test", 60_000), tier("full", "full", 900_000), tier("soak", "soak", 36_000_000)],
  },
});
