import { homedir } from "node:os";

/** What a command may touch of the world around it. */
export interface Context {
  readonly version: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's own folder. */
  readonly home: string;
  readonly platform: string;
  /** Fires at Ctrl-C. */
  readonly signal: AbortSignal;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** The process as it is. */
export const processContext = (version: string, signal: AbortSignal): Context => ({
  version,
  env: process.env,
  home: homedir(),
  platform: process.platform,
  signal,
  stdout: process.stdout,
  stderr: process.stderr,
});
