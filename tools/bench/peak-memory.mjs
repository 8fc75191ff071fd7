import { readFileSync, writeFileSync } from "node:fs";

const status = (key) => {
  const kilobytes = new RegExp(`^${key}:\\s*(\\d+)`, "m").exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  return Number(kilobytes) * 1024;
};

/** Bytes of this process that lie in memory. */
export const residentBytes = () => process.memoryUsage.rss();

/** The most there were since the start, or since `forgetPeak` where the system can forget. */
export function peakBytes() {
  try {
    return status("VmHWM");
  } catch {
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** True when the peak counts anew from here (Linux). */
export function forgetPeak() {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
    return true;
  } catch {
    return false;
  }
}
