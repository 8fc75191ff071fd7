import { type ApplicationOptions, applications as make } from "@prosopon/applications";
import type { Application } from "@prosopon/jobs";
import type { ApplicationsOptions } from "@prosopon/worker";

export interface DefaultApplicationsSettings extends ApplicationOptions {
  /** Whether the runs of a device share calls of the network. */
  readonly batch?: boolean;
}

/**
 * What comes with Prosopon, as a module that the agent's children load by its URL. Their settings are this program's. Without a word on
 * it, runs share calls of the network wherever that is faster: not on the CPU (docs/gateway.md).
 */
export const applications = ({
  device,
  slots,
  settings,
}: Pick<ApplicationsOptions, "device" | "slots" | "settings">): readonly Application[] => {
  const { batch = device !== "cpu", ...options } = settings as DefaultApplicationsSettings;
  return make({ ...options, together: batch ? slots : 1 });
};
