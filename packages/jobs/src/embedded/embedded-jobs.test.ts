import { test } from "vitest";
import { jobsConformance } from "../testing/jobs-conformance.ts";
import { embeddedJobs } from "./embedded-jobs.ts";

for (const { name, check } of jobsConformance())
  test(name, () =>
    check(async (options) => {
      const jobs = embeddedJobs(options);
      return { ...jobs, lose: async (id) => jobs.lose(id) };
    }),
  );
