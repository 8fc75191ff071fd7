import { expect, test } from "vitest";
import { processorFacts, threadCount } from "./thread-count.ts";

const processor = (physical: number, core: number) =>
  `processor\t: 0\nphysical id\t: ${physical}\ncore id\t\t: ${core}\n`;

test("counts physical cores, not hyperthreads", () => {
  const cpuinfo = [
    processor(0, 0),
    processor(0, 1),
    processor(0, 0),
    processor(0, 1),
    processor(1, 0),
    processor(1, 0),
  ].join("\n");
  expect(threadCount({ available: 6, cpuinfo })).toBe(3);
});

test("respects affinity and the control group", () => {
  const cpuinfo = [processor(0, 0), processor(0, 1), processor(0, 2), processor(0, 3)].join("\n");
  expect(threadCount({ available: 2, cpuinfo })).toBe(2);
  expect(threadCount({ available: 4, cpuinfo, quota: "300000 100000" })).toBe(3);
  expect(threadCount({ available: 4, cpuinfo, quota: "max 100000" })).toBe(4);
  expect(threadCount({ available: 4, cpuinfo, quota: "-1 100000" })).toBe(4);
  expect(threadCount({ available: 4, cpuinfo, quota: "50000 100000" })).toBe(1);
});

test("takes what is available where the system says nothing", () => {
  expect(threadCount({ available: 5 })).toBe(5);
  expect(threadCount({ available: 5, cpuinfo: "processor : 0\nmodel name : an ARM\n" })).toBe(5);
});

test("is at least one and at most what this machine has", () => {
  const count = threadCount(processorFacts());
  expect(count).toBeGreaterThanOrEqual(1);
  expect(count).toBeLessThanOrEqual(processorFacts().available);
});
