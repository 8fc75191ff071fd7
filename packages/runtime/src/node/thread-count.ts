import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export interface ProcessorFacts {
  /** Logical processors that this process may use. */
  readonly available: number;
  /** Content of /proc/cpuinfo, where there is one. */
  readonly cpuinfo?: string;
  /** Content of the control group's cpu.max (version 2), or quota and period (version 1), as "quota period". */
  readonly quota?: string;
}

/**
 * Threads for one operator: the physical cores that this process may use. Hyperthreads share the vector units, and one thread too many halves
 * the speed, since the others spin while they wait for it.
 */
export function threadCount(facts: ProcessorFacts): number {
  const blocks = (facts.cpuinfo ?? "").split(/\n\s*\n/);
  const cores = new Set(
    blocks.flatMap((block) => {
      const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
      return core === undefined ? [] : [`${/^physical id\s*:\s*(\d+)/m.exec(block)?.[1] ?? 0}/${core}`];
    }),
  ).size;
  const [quota, period] = (facts.quota ?? "").trim().split(/\s+/).map(Number);
  const share = quota !== undefined && period !== undefined && quota > 0 && period > 0 ? quota / period : Infinity;
  return Math.max(1, Math.floor(Math.min(facts.available, cores || Infinity, share)));
}

/** What this machine says. Files that are not there (no Linux, no control group) are left out. */
export function processorFacts(): ProcessorFacts {
  const cpuinfo = content("/proc/cpuinfo");
  const group = "/sys/fs/cgroup";
  const first = content(`${group}/cpu/cpu.cfs_quota_us`);
  const quota = content(`${group}/cpu.max`) ?? (first && `${first} ${content(`${group}/cpu/cpu.cfs_period_us`)}`);
  return { available: availableParallelism(), ...(cpuinfo && { cpuinfo }), ...(quota && { quota }) };
}

function content(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return undefined;
  }
}
