import type { Needs } from "./job.ts";
import type { Capabilities } from "./job-engine.ts";

/** Whether a worker with these capabilities can take a job. */
export const fits = (
  application: string,
  needs: Needs | undefined,
  { applications, device, megabytes }: Capabilities,
): boolean =>
  applications.includes(application) &&
  (needs?.devices === undefined || needs.devices.includes(device)) &&
  (needs?.megabytes === undefined || megabytes === undefined || needs.megabytes <= megabytes);
