import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { decodeWave, type Sound } from "./pcm-wave.ts";
import { type Phone, phoneName } from "./phone.ts";

export const fliteVoices = ["kal", "kal16", "awb", "rms", "slt"] as const;
/** Voices built into Debian's flite: kal (diphones, male; 8 and 16 kHz), awb (Scottish, male), rms (male), slt (female). */
export type FliteVoice = (typeof fliteVoices)[number];

export interface FliteOptions {
  readonly text: string;
  readonly voice: FliteVoice;
  /** Length of every phone against the voice's own; 1 if not given. */
  readonly stretch?: number;
  /** Mean pitch in hertz; the voice's own if not given. */
  readonly pitch?: number;
  /** Standard deviation of the pitch in hertz; the voice's own if not given. */
  readonly pitchDeviation?: number;
  /** The program; "flite" if not given. */
  readonly program?: string;
  readonly signal?: AbortSignal;
}

export interface Utterance extends Sound {
  readonly phones: readonly Phone[];
}

/**
 * Speaks through the program flite, which prints the end time of every phone.
 * @throws ProsoponError `unavailable` without flite, `bad-input` for text without words or over 2000 characters or an unknown
 * voice, `cancelled` by the signal, `crashed` if flite fails.
 */
export async function flite(options: FliteOptions): Promise<Utterance> {
  const { text, voice, stretch = 1, pitch, pitchDeviation, program = "flite", signal } = options;
  checkOptions(text, voice);
  const folder = await mkdtemp(join(tmpdir(), "prosopon-flite-"));
  try {
    const file = join(folder, "speech.wav");
    const settings = [
      ["duration_stretch", stretch],
      ["int_f0_target_mean", pitch],
      ["int_f0_target_stddev", pitchDeviation],
    ] as const;
    const features = settings.flatMap(([name, value]) =>
      value === undefined ? [] : ["--setf", `${name}=${value.toFixed(4)}`],
    );
    const printed = await run(program, ["-voice", voice, ...features, "-t", text, "-o", file, "-psdur"], signal);
    const sound = decodeWave(await readFile(file));
    return { ...sound, phones: phonesOf(printed, sound.samples.length / sound.sampleRate) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Reads "pau:0.184 dh:0.246 ..." (end times); the last phone ends with the sound. */
function phonesOf(printed: string, seconds: number): Phone[] {
  const phones: Phone[] = [];
  let start = 0;
  for (const [, phone, time] of printed.matchAll(/(\S+):([\d.]+)\s/g)) {
    const end = Math.min(Number(time), seconds);
    if (end > start) phones.push({ phone: phoneName(phone!), start, end });
    start = Math.max(start, end);
  }
  if (phones.length === 0) {
    throw new ProsoponError("crashed", "flite printed no phone times.", {
      values: { printed: printed.slice(0, 200) },
      mend: "Prosopon needs flite 2.1 or later, whose option -psdur prints them.",
    });
  }
  return phones;
}

function run(program: string, values: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const settings = { timeout: 60_000, maxBuffer: 2 ** 22, ...(signal ? { signal } : {}) };
    execFile(program, values, settings, (cause, stdout, stderr) => {
      if (!cause) return resolve(stdout);
      if (signal?.aborted) return reject(new ProsoponError("cancelled", "Speaking was cancelled.", { cause }));
      const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
      reject(
        missing
          ? new ProsoponError("unavailable", `The speech synthesizer ${program} is not installed.`, {
              values: { program },
              mend: "Install it: apt-get install flite.",
              cause,
            })
          : new ProsoponError("crashed", `${program} failed: ${stderr.trim().split("\n")[0] || cause.message}.`, {
              values: { program },
              cause,
            }),
      );
    });
  });
}

function checkOptions(text: string, voice: FliteVoice): void {
  if (!/[\p{L}\p{N}]/u.test(text) || text.length > 2000) {
    const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
    throw new ProsoponError("bad-input", `There is nothing to say in ${JSON.stringify(shown)} (or too much).`, {
      values: { length: text.length },
      mend: "Give text with at least one word and at most 2000 characters.",
    });
  }
  if (!fliteVoices.includes(voice)) {
    throw new ProsoponError("bad-input", `Unknown voice ${JSON.stringify(voice)}.`, {
      values: { voice },
      mend: `Use one of ${fliteVoices.join(", ")}.`,
    });
  }
}
