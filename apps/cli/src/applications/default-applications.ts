import { type ApplicationOptions, applications as make } from "@prosopon/applications";
import type { Application } from "@prosopon/jobs";

/** What comes with Prosopon, as a module that the agent's children load by its URL. Their settings are this program's. */
export const applications = ({ settings }: { readonly settings?: unknown }): readonly Application[] =>
  make(settings as ApplicationOptions);
