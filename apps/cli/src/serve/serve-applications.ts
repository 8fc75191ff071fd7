import { ProsoponError } from "@prosopon/errors";
import { applicationSettings } from "../applications/application-settings.ts";
import type { DefaultApplicationsSettings } from "../applications/default-applications.ts";
import { DEFAULT_APPLICATIONS, type LoadedApplications, loadApplications } from "../applications/load-applications.ts";
import type { Context } from "../context.ts";
import type { ServeConfig } from "./serve-config.ts";

export interface ServedApplications extends LoadedApplications {
  /** What modules are given, here and in the agent's children. */
  readonly settings: DefaultApplicationsSettings;
}

/** The applications that a configuration asks for. @throws `bad-input` when there are none. */
export async function serveApplications(
  context: Context,
  {
    applications,
    defaultApplications,
    devices,
    batch,
  }: Pick<ServeConfig, "applications" | "defaultApplications" | "devices" | "batch">,
): Promise<ServedApplications> {
  const settings = { ...applicationSettings(context), ...(batch === undefined ? {} : { batch }) };
  const modules = [...(defaultApplications ? [DEFAULT_APPLICATIONS] : []), ...applications];
  const loaded = await loadApplications(modules, { folder: process.cwd(), device: devices[0] ?? "cpu", settings });
  if (loaded.applications.length === 0)
    throw new ProsoponError("bad-input", "There is no application to offer.", {
      mend: "Name a module with --application.",
    });
  return { ...loaded, settings };
}
