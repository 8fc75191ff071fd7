import { engineCases } from "./engine-cases.ts";
import { streamCases } from "./stream-cases.ts";
import type { HarnessOptions, JobsHarness } from "./workbench.ts";

/** One property that every engine with its log has. `check` throws when these have not. */
export interface JobsCase {
  readonly name: string;
  check(open: (options?: HarnessOptions) => Promise<JobsHarness>): Promise<void>;
}

/** What every engine and frame log do, wherever they keep it. Frames are tagged by attempt, so that a hijacked stream cannot look right. */
export const jobsConformance = (): readonly JobsCase[] => [...streamCases, ...engineCases];
