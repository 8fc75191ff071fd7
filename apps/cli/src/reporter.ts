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

const remaining = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;

/** Lines for logs and pipes: one for each tenth of the way. */
function plainProgress(stderr: NodeJS.WritableStream, total: number): Progress {
  const start = Date.now();
  let tenth = -1;
  return {
    update(done, label) {
      const now = Math.floor((10 * done) / total);
      if (now === tenth) return;
      tenth = now;
      const left = done === 0 ? "" : `, ${remaining(((Date.now() - start) / 1000 / done) * (total - done))} left`;
      stderr.write(`${label} ${done}/${total}${left}\n`);
    },
    stop() {},
  };
}

async function barProgress(stderr: NodeJS.WritableStream, total: number): Promise<Progress> {
  const { default: library } = await import("cli-progress");
  const format = "{label} {bar} {value}/{total} | {left} left";
  const bar = new library.SingleBar({ stream: stderr, format, hideCursor: true, clearOnComplete: true, barsize: 30 });
  const start = Date.now();
  bar.start(total, 0, { label: "starting", left: "?" });
  return {
    update(done, label) {
      const left = remaining(((Date.now() - start) / 1000 / Math.max(1, done)) * (total - done));
      bar.update(done, { label: label.padEnd(9), left });
    },
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
