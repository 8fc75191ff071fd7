import { expect, test } from "vitest";
import { embeddedJobs } from "../embedded/embedded-jobs.ts";
import { brokenJobs, type Fault } from "./broken-jobs.ts";
import { jobsConformance } from "./jobs-conformance.ts";

const check = (mention: string, fault: Fault) => {
  const found = jobsConformance().filter(({ name }) => name.includes(mention));
  expect(found).toHaveLength(1);
  return found[0]!.check(async (options) => {
    const jobs = embeddedJobs(options);
    return brokenJobs({ ...jobs, lose: async (id) => jobs.lose(id) }, fault);
  });
};

test("the suite notices a log without fences: A, then B, then A again", async () => {
  await expect(check("tagged by attempt", "unfenced")).rejects.toThrow('got "A40 B20 A60 B40 c1 "');
});

test("the suite notices a log that only drops repeated numbers: the zombie's frames stand, the owner's are swallowed", async () => {
  await expect(check("tagged by attempt", "deduplicating")).rejects.toThrow('got "A40 B20 A40 c1 "');
});

test("the suite notices a subscription by an async generator: it cannot be left while it waits", async () => {
  await expect(check("settles a waiting reader", "generator")).rejects.toThrow("waited 2000 ms for return()");
});
