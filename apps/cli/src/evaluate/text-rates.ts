import { readFile } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { unreadableFile } from "@prosopon/media/node";
import {
  characters,
  cmuDictionary,
  corpusVisemes,
  firstPronunciation,
  type Normalization,
  spellingRules,
  type TextErrorRate,
  textErrorRate,
  visemeCharacters,
  visemeWords,
  words,
} from "@prosopon/metrics";
import { sha256 } from "@prosopon/weights/node";
import type { Reporter } from "../reporter.ts";
import type { Protocol } from "./protocol.ts";

export interface TextRateOptions {
  readonly protocol: Protocol;
  readonly normalize: Normalization;
  readonly dictionary?: string;
}

export interface TextRate extends TextErrorRate {
  readonly key: "wer" | "cer" | "visemeWer" | "visemeCer";
  /** What the protocol reports: `rate` over all lines, in the thesis' the mean of the lines' rates. */
  readonly reported: number;
  readonly protocol: string;
}

export interface TextRates {
  readonly rates: readonly TextRate[];
  /** Who says how words are pronounced. */
  readonly pronunciation: string;
}

async function pronunciationOf(dictionary: string) {
  const text = await readFile(dictionary, "utf8").catch((error: unknown) => {
    throw unreadableFile(dictionary, error);
  });
  const name = `dictionary sha256 ${(await sha256(dictionary)).slice(0, 12)}`;
  return firstPronunciation(cmuDictionary(text, { name }), spellingRules);
}

/** Word and character error rates of lines, and those of what lips show; these are left out, with a warning, where a word has no pronunciation. */
export async function textRates(
  reporter: Reporter,
  said: readonly string[],
  heard: readonly string[],
  { protocol, normalize: normalization, dictionary }: TextRateOptions,
): Promise<TextRates> {
  const pronunciation = dictionary === undefined ? spellingRules : await pronunciationOf(dictionary);
  const speech = { pronunciation, visemes: corpusVisemes };
  const units = {
    wer: words({ normalization }),
    cer: characters({ normalization }),
    visemeWer: visemeWords(speech),
    visemeCer: visemeCharacters(speech),
  } as const;
  const thesis = protocol === "thesis";
  const asSaid = (line: string) => (thesis ? line.toUpperCase() : line);
  const problems = new Set<string>();
  const rates = Object.entries(units).flatMap(([key, unit]): TextRate[] => {
    const metric = textErrorRate(unit);
    const judgement = metric.start();
    try {
      said.forEach((line, i) => void judgement.add({ reference: asSaid(line), hypothesis: asSaid(heard[i]!) }));
    } catch (error) {
      // A number or a foreign word has no visemes, but it has letters.
      if (!(error instanceof ProsoponError) || !key.startsWith("viseme")) throw error;
      problems.add(error.message);
      return [];
    }
    const result = judgement.result();
    const note = thesis
      ? `Both texts in upper case; reported is the mean over lines (${result.count}) of their rates. `
      : "";
    return [
      {
        key: key as TextRate["key"],
        reported: thesis ? result.meanRate : result.rate,
        protocol: `${note}${metric.protocol}`,
        ...result,
      },
    ];
  });
  for (const problem of problems) reporter.warn(`No viseme rates: ${problem}`);
  if (!dictionary) reporter.note("Viseme rates are by spelling rules; give --dictionary for real pronunciations.");
  return { rates, pronunciation: pronunciation.name };
}
