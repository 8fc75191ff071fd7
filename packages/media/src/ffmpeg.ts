import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { PassThrough, type Readable } from "node:stream";
import { ProsoponError } from "@prosopon/errors";
import fluent from "fluent-ffmpeg";
import { firstLine } from "./first-line.ts";

// The only file that starts ffmpeg. What is read may come from a stranger, so every demuxer that could open other files or the
// network is shut out (a playlist called .wav made ffmpeg read local files: CVE-2026-107697), and time, memory and what is probed
// are bounded.

export interface FfmpegOptions {
  /** The ffmpeg program: a path, or a name that is looked up in PATH. Default `ffmpeg`. */
  readonly ffmpeg?: string;
  readonly signal?: AbortSignal;
}

export interface FfmpegInput {
  /** A path, or bytes for its standard input. */
  readonly source: string | Readable;
  /** The demuxers that may open it. */
  readonly demuxers: readonly string[];
  readonly options?: readonly string[];
}

export interface FfmpegTask extends FfmpegOptions {
  readonly inputs: readonly FfmpegInput[];
  readonly options: readonly string[];
  /** The file to write; left out, the output is `FfmpegRun.stdout`. */
  readonly output?: string;
  /** Seconds of computing that it may take. Default 900. */
  readonly cpuSeconds?: number;
  /** What it works on, for the messages. */
  readonly name: string;
}

export interface FfmpegRun {
  readonly stdout: Readable;
  /** Resolves when ffmpeg has ended well; rejects with `crashed`, `cancelled`, `bad-file` or `unavailable`. */
  readonly done: Promise<void>;
  kill(): void;
}

const MEMORY_BYTES = 4 * 2 ** 30;
const PRLIMIT = "/usr/bin/prlimit";
const INSTALL = "Install it (Debian: apt-get install ffmpeg), or give the path of the program.";

/** Members that the type definitions leave out, of the one release that is used (the library is archived). */
interface Internals {
  _getFfmpegPath(callback: (error: Error | null, path: string) => void): void;
  _checkCapabilities(callback: (error: Error | null) => void): void;
  _getArguments(): string[];
  availableEncoders(callback: (error: Error | null, encoders: object) => void): void;
}

/** Starts ffmpeg. Throws `unavailable` where there is none. */
export async function runFfmpeg(task: FfmpegTask): Promise<FfmpegRun> {
  const { ffmpeg = "ffmpeg", signal, cpuSeconds = 900, name } = task;
  if (signal?.aborted) throw cancelled(name);
  await ffmpegVersion({ ffmpeg });
  // It outlives the process: the library takes a closed output for a reason to kill.
  const stdout = new PassThrough({ autoDestroy: false, emitClose: false, highWaterMark: 2 ** 20 });
  const command = fluent({ stdoutLines: 40 });
  for (const { source, demuxers, options = [] } of task.inputs) {
    const local = typeof source === "string";
    command
      .input(local ? `file:${source}` : source)
      .inputOptions(
        ...["-protocol_whitelist", local ? "file" : "pipe", "-format_whitelist", demuxers.join(",")],
        ...["-probesize", "5M", "-analyzeduration", "5M", "-threads", "1", ...options],
      );
  }
  // As arguments: of a list, the library would split what holds a space.
  command.outputOptions(...task.options);
  command.output(task.output === undefined ? stdout : `file:${task.output}`);

  const internals = command as unknown as Internals;
  const built = internals._getArguments.bind(command);
  const limited = existsSync(PRLIMIT);
  internals._getFfmpegPath = (callback) => callback(null, limited ? PRLIMIT : ffmpeg);
  internals._getArguments = () => [
    ...(limited ? [...limits(cpuSeconds), ffmpeg] : []),
    ...["-nostdin", "-hide_banner", "-loglevel", "error", "-max_alloc", "268435456", ...built()],
  ];
  // It would ask ffmpeg for all its formats and encoders first.
  internals._checkCapabilities = (callback) => callback(null);
  internals.availableEncoders = (callback) => callback(null, {});

  let started = false;
  let stopped = false;
  const kill = (): void => {
    stopped = true;
    if (started) command.kill("SIGKILL");
  };
  const done = new Promise<void>((resolve, reject) => {
    command.once("start", () => {
      started = true;
      if (stopped) command.kill("SIGKILL");
    });
    command.once("end", (_output: string | null, messages: string | null) => {
      // It takes what is there of a film that is cut off, and is content; so it is when its last bytes find no room.
      const unwritten = /^Error (?:writing trailer|closing file).*/m.exec(messages ?? "")?.[0];
      if (unwritten) return reject(explained(new Error(unwritten), messages!, name, cpuSeconds));
      if (!/partial file/.test(messages ?? "")) return resolve();
      reject(new ProsoponError("bad-file", `${name} is cut off: its end is missing.`, { values: { name, messages } }));
    });
    command.on("error", (error: Error, _output: string | null, messages: string | null) => {
      stdout.end();
      reject(signal?.aborted ? cancelled(name) : explained(error, messages ?? "", name, cpuSeconds));
    });
  }).finally(() => signal?.removeEventListener("abort", kill));
  // Whoever reads the output awaits `done` later; until then a failure is no unhandled one.
  done.catch(() => {});
  signal?.addEventListener("abort", kill, { once: true });
  command.run();
  return { stdout, done, kill };
}

/** What ffmpeg writes, piece by piece. It is killed when the reader stops early, or waits `stallSeconds` in vain. */
export async function* ffmpegOutput(task: FfmpegTask, stallSeconds = 60): AsyncGenerator<Uint8Array, void> {
  const run = await runFfmpeg(task);
  let stalled = false;
  const pieces = run.stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    for (;;) {
      const timer = setTimeout(() => {
        stalled = true;
        run.kill();
      }, stallSeconds * 1000);
      const piece = await pieces.next().finally(() => clearTimeout(timer));
      if (piece.done) break;
      yield piece.value;
    }
    await run.done;
  } catch (error) {
    if (!stalled) throw error;
    throw new ProsoponError("crashed", `ffmpeg gave nothing of ${task.name} for ${stallSeconds} s and was stopped.`, {
      values: { name: task.name, stallSeconds },
      cause: error,
    });
  } finally {
    run.kill();
    run.stdout.destroy();
    await run.done.catch(() => {});
  }
}

/** What ffprobe says about a file, as far as it is used here. */
export interface Probe {
  readonly streams?: readonly ProbedStream[];
  readonly format?: { readonly duration?: string };
}

export interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly width?: number;
  readonly height?: number;
  readonly pix_fmt?: string;
  readonly color_space?: string;
  readonly sample_aspect_ratio?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly duration?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

export interface ProbeTask extends FfmpegOptions {
  readonly file: string;
  readonly demuxers: readonly string[];
}

/** Asks the ffprobe that stands beside ffmpeg. Throws `bad-file`, `unavailable`, `cancelled`. */
export async function probe({ file, demuxers, ffmpeg = "ffmpeg", signal }: ProbeTask): Promise<Probe> {
  if (signal?.aborted) throw cancelled(file);
  await ffmpegVersion({ ffmpeg });
  const program = ffmpeg.replace(/ffmpeg(?=(?:\.exe)?$)/, "ffprobe");
  const list = ["-v", "error", "-protocol_whitelist", "file", "-format_whitelist", demuxers.join(",")];
  const asked = [...list, "-of", "json", "-show_streams", "-show_format", "-i", `file:${file}`];
  const limited = existsSync(PRLIMIT);
  const command = limited ? PRLIMIT : program;
  const args = limited ? [...limits(60), program, ...asked] : asked;
  return await new Promise<Probe>((resolve, reject) => {
    const bounds = { timeout: 60_000, killSignal: "SIGKILL", maxBuffer: 2 ** 23, windowsHide: true } as const;
    execFile(command, args, { ...bounds, ...(signal && { signal }) }, (error, output, messages) => {
      if (error === null) return resolve(JSON.parse(output) as Probe);
      if (signal?.aborted) return reject(cancelled(file));
      if ((error as NodeJS.ErrnoException).code === "ENOENT" || /failed to execute/.test(messages)) {
        const values = { program };
        return reject(
          new ProsoponError("unavailable", `The program ffprobe was not found ("${program}").`, {
            values,
            mend: INSTALL,
            cause: error,
          }),
        );
      }
      reject(explained(error, messages, file, 60));
    });
  });
}

const versions = new Map<string, string>();

/** The version of ffmpeg, such as `5.1.9-0+deb12u1`. Throws `unavailable` where there is none. */
export async function ffmpegVersion({ ffmpeg = "ffmpeg" }: FfmpegOptions = {}): Promise<string> {
  const known = versions.get(ffmpeg);
  if (known !== undefined) return known;
  const text = await new Promise<string>((resolve, reject) => {
    execFile(ffmpeg, ["-version"], { timeout: 30_000, windowsHide: true }, (error, output) => {
      if (error === null) resolve(output);
      else {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        reject(
          new ProsoponError(
            "unavailable",
            missing
              ? `The program ffmpeg was not found ("${ffmpeg}").`
              : `${ffmpeg} does not run: ${firstLine(error)}.`,
            { values: { ffmpeg }, mend: INSTALL, cause: error },
          ),
        );
      }
    });
  });
  const version = /^ffmpeg version (\S+)/.exec(text)?.[1];
  if (version === undefined) {
    throw new ProsoponError("unavailable", `${ffmpeg} is not ffmpeg.`, { values: { ffmpeg }, mend: INSTALL });
  }
  versions.set(ffmpeg, version);
  return version;
}

function limits(cpuSeconds: number): string[] {
  return [`--as=${MEMORY_BYTES}`, `--cpu=${cpuSeconds}`, "--core=0", "--"];
}

function cancelled(name: string): ProsoponError {
  return new ProsoponError("cancelled", `The work on ${name} was cancelled.`, { values: { name } });
}

function explained(error: Error, messages: string, name: string, cpuSeconds: number): ProsoponError {
  const values = { name, messages };
  const because = { values, cause: error };
  const signal = /killed with signal (\w+)/.exec(error.message)?.[1];
  if (signal === "SIGXCPU" || (signal === "SIGKILL" && /CPU time limit/.test(messages))) {
    return new ProsoponError("bad-file", `ffmpeg took more than ${cpuSeconds} s of computing for ${name}.`, because);
  }
  if (signal !== undefined) {
    return new ProsoponError("crashed", `ffmpeg was killed (${signal}) while it worked on ${name}.`, because);
  }
  const missing = /Stream map '\d:([av])[^']*' matches no streams/.exec(messages)?.[1];
  if (missing !== undefined) {
    const track = missing === "a" ? "audio" : "video";
    return new ProsoponError("bad-file", `There is no ${track} track in ${name}.`, because);
  }
  const lines = messages.split("\n").filter((line) => line.trim() !== "");
  const reason = (lines.find((line) => !line.startsWith("[")) ?? lines.at(-1) ?? error.message).trim();
  return new ProsoponError("bad-file", `ffmpeg cannot handle ${name}: ${reason.replace(/\.+$/, "")}.`, because);
}
