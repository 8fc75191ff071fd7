import type { ApplicationOptions } from "@prosopon/applications";
import type { Context } from "../context.ts";
import { ffmpegOption } from "../ffmpeg-option.ts";
import { modelFolders } from "../model-folders.ts";
import { signingIdentity } from "../signing-identity.ts";

/** What modules of applications are given as `settings`: JSON, because it goes to the workers' children too. */
export function applicationSettings(context: Context): ApplicationOptions {
  const identity = signingIdentity(context);
  return {
    folders: modelFolders(context),
    version: context.version,
    ...ffmpegOption(context),
    ...(identity ? { identity } : {}),
  };
}
