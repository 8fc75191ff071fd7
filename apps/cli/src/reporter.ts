import type { Context } from "./context.ts";
import { oneLine } from "./one-line.ts";

export interface Progress {
  /** `label` is a phase such as "inversion". */
  update(done: number, label: string): void;
  stop(): void;
}

/** How a command speaks: results on stdout, warnings and progress on stderr. */
export interface Reporter {
  readonly warnings: readonly string[];
  warn(text: string): void;
  note(text: string): void;
  progress(total: number): Promise<Progress>;
  /** With --json the object with the warnings as one line, else the text. Called once, at the end. */
  result(object: Readonly<Record<string, unknown>>, text: string): void;
}

const duration = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** What is left, by the pace since the first step, which also opened sessions; "?" before there is one. */
function remainingTime(total: number): (done: number) => string {
  let first: { readonly done: number; readonly at: number } | undefined;
  return (done) => {
    first ??= { done, at: performance.now() };
    if (done === first.done) return "?";
    return duration((((performance.now() - first.at) / 1000) * (total - done)) / (done - first.done));
  };
}

/** Lines for logs and pipes: one for each tenth of the way. */
function plainProgress(stderr: NodeJS.WritableStream, total: number): Progress {
  const left = remainingTime(total);
  let tenth = -1;
  return {
    update(done, label) {
      const rest = left(done);
      const now = Math.floor((10 * done) / total);
      if (now === tenth) return;
      tenth = now;
      stderr.write(`${label} ${done}/${total}${rest === "?" || done === total ? "" : `, ${rest} left`}\n`);
    },
    stop() {},
  };
}

async function barProgress(stderr: NodeJS.WritableStream, total: number): Promise<Progress> {
  const { default: library } = await import("cli-progress");
  const format = "{label} {bar} {value}/{total} | {left} left";
  const bar = new library.SingleBar({ stream: stderr, format, hideCursor: true, clearOnComplete: true, barsize: 30 });
  const left = remainingTime(total);
  bar.start(total, 0, { label: "starting", left: "?" });
  return {
    update: (done, label) => bar.update(done, { label: label.padEnd(9), left: left(done) }),
    stop: () => bar.stop(),
  };
}

export function createReporter({ stdout, stderr }: Context, json: boolean): Reporter {
  const warnings: string[] = [];
  return {
    warnings,
    warn(text) {
      warnings.push(oneLine(text));
      stderr.write(`warning: ${oneLine(text)}\n`);
    },
    note: (text) => void stderr.write(`${text}\n`),
    progress: async (total) => (stderr.isTTY ? barProgress(stderr, total) : plainProgress(stderr, total)),
    result(object, text) {
      stdout.write(json ? `${JSON.stringify({ ...object, warnings })}\n` : `${text}\n`);
    },
  };
}
