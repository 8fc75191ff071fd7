import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { ProsoponError } from "@prosopon/errors";
import type { Application } from "@prosopon/jobs";

/** What a module's `applications` function is given. */
export interface ApplicationsOptions {
  /** The device of this child, such as "cpu". */
  readonly device: string;
  /** Runs at a time on it. */
  readonly slots: number;
  /** What the agent's owner configured, as it is. */
  readonly settings?: unknown;
}

/** What a module of applications exports. */
export interface ApplicationsModule {
  readonly applications:
    | readonly Application[]
    | ((options: ApplicationsOptions) => readonly Application[] | Promise<readonly Application[]>);
}

/**
 * Imports modules and gathers their applications by name.
 * @throws `not-found` for a module that cannot be imported, `bad-input` for one without applications and for a name given twice.
 */
export async function loadApplications(
  modules: readonly string[],
  options: ApplicationsOptions,
): Promise<ReadonlyMap<string, Application>> {
  const found = new Map<string, Application>();
  for (const name of modules) {
    const specifier = isAbsolute(name) ? pathToFileURL(name).href : name;
    const module: Partial<ApplicationsModule> = await import(specifier).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ProsoponError("not-found", `The module "${name}" cannot be imported: ${why}`, {
        values: { module: name },
        mend: "Give a package's name, a file URL or an absolute path.",
        cause,
      });
    });
    const { applications } = module;
    const list = typeof applications === "function" ? await applications(options) : applications;
    if (!Array.isArray(list) || !list.every((one) => one?.specification === "application/v1"))
      throw new ProsoponError("bad-input", `The module "${name}" has no applications.`, {
        values: { module: name },
        mend: "It exports `applications`, a list of application/v1 plugins or a function that makes one.",
      });
    for (const one of list as readonly Application[]) {
      if (found.has(one.name))
        throw new ProsoponError("bad-input", `Two applications have the name "${one.name}".`, {
          values: { name: one.name },
        });
      found.set(one.name, one);
    }
  }
  return found;
}
