import { ProsoponError } from "@prosopon/errors";
import type { Application } from "@prosopon/jobs";
import { loadApplications as load } from "@prosopon/worker";
import { resolveModule } from "./resolve-module.ts";

/** What comes with Prosopon; the built file, for Node loads it in children too. */
export const DEFAULT_APPLICATIONS: string = new URL("../../dist/applications/default-applications.js", import.meta.url)
  .href;

export interface LoadOptions {
  /** From where paths and packages are looked for. */
  readonly folder: string;
  readonly device?: string;
  /** Handed to the modules. */
  readonly settings: unknown;
}

export interface LoadedApplications {
  readonly applications: readonly Application[];
  /** Their modules, for the children of an agent. */
  readonly urls: readonly string[];
}

const namePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The applications of modules (paths or packages). @throws `not-found`, `bad-input` for a module without any, and for names that clash or are none. */
export async function loadApplications(
  modules: readonly string[],
  { folder, device = "cpu", settings }: LoadOptions,
): Promise<LoadedApplications> {
  const urls = modules.map((module) => resolveModule(module, folder));
  const applications = [...(await load(urls, { device, slots: 1, settings })).values()];
  const bad = applications.find(({ name }) => !namePattern.test(name));
  if (bad)
    throw new ProsoponError("bad-input", `"${bad.name}" is no name for an application.`, {
      values: { name: bad.name },
      mend: "Use lower case letters, digits and hyphens.",
    });
  return { applications, urls };
}
