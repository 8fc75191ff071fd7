import { readFile, stat } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import {
  alignTokens,
  characters,
  cmuDictionary,
  corpusVisemes,
  firstPronunciation,
  type Normalization,
  printAlignment,
  spellingRules,
  type Table,
  table,
  textErrorRate,
  visemeCharacters,
  visemeWords,
  words,
} from "@prosopon/metrics";
import { sha256 } from "@prosopon/weights/node";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { checkTable, writeTable } from "./write-table.ts";

export interface TextOptions {
  readonly normalize: Normalization;
  readonly dictionary?: string;
  readonly alignment?: true;
  readonly table?: string;
  readonly json?: true;
}

/** The lines of a file, or the text itself as one. @throws `not-found` for what looks like a file but is none. */
async function linesOf(given: string): Promise<readonly string[]> {
  const entry = await stat(given).catch(() => undefined);
  if (entry?.isFile()) return (await readFile(given, "utf8")).replace(/\r?\n$/, "").split(/\r?\n/);
  if (/^\S*(\.txt|\.trn|\/\S*)$/.test(given))
    throw new ProsoponError("not-found", `There is no file ${given}.`, {
      values: { file: given },
      mend: "Check the path; text that is not a file must have a space or no slash.",
    });
  return [given];
}

/** `prosopon evaluate text`. */
export async function evaluateText(
  _context: Context,
  reporter: Reporter,
  reference: string,
  hypothesis: string,
  options: TextOptions,
): Promise<void> {
  checkTable(options.table);
  const { normalize: normalization, dictionary } = options;
  const [said, heard] = [await linesOf(reference), await linesOf(hypothesis)];
  if (said.length !== heard.length)
    throw new ProsoponError("bad-input", `${said.length} lines were said, ${heard.length} were understood.`, {
      values: { reference: said.length, hypothesis: heard.length },
      mend: "Give a line of one for each line of the other, empty where nothing was understood.",
    });
  const pronunciation = dictionary
    ? firstPronunciation(
        cmuDictionary(await readFile(dictionary, "utf8"), {
          name: `dictionary sha256 ${(await sha256(dictionary)).slice(0, 12)}`,
        }),
        spellingRules,
      )
    : spellingRules;
  const speech = { pronunciation, visemes: corpusVisemes };
  const units = {
    wer: words({ normalization }),
    cer: characters({ normalization }),
    visemeWer: visemeWords(speech),
    visemeCer: visemeCharacters(speech),
  };
  const problems: string[] = [];
  const results = Object.entries(units).flatMap(([key, unit]) => {
    const judgement = textErrorRate(unit).start();
    try {
      said.forEach((line, i) => void judgement.add({ reference: line, hypothesis: heard[i]! }));
    } catch (error) {
      // A number or a foreign word has no visemes, but it has letters.
      if (!(error instanceof ProsoponError) || !key.startsWith("viseme")) throw error;
      problems.push(error.message);
      return [];
    }
    return [{ key, protocol: textErrorRate(unit).protocol, ...judgement.result() }];
  });
  for (const problem of new Set(problems)) reporter.warn(`No viseme rates: ${problem}`);
  if (!dictionary) reporter.note("Viseme rates are by spelling rules; give --dictionary for real pronunciations.");
  const content: Table = {
    columns: [
      { key: "measure" },
      { key: "rate", digits: 4, better: "lower" },
      { key: "meanRate", title: "mean of lines", digits: 4, better: "lower" },
      ...["hits", "substitutions", "deletions", "insertions"].map((key) => ({ key })),
    ],
    rows: results.map(({ key, rate, meanRate, hits, substitutions, deletions, insertions }) => ({
      measure: key,
      rate,
      meanRate,
      hits,
      substitutions,
      deletions,
      insertions,
    })),
    notes: results.map(({ protocol }) => protocol),
  };
  await writeTable(options.table, content);
  const alignments = options.alignment
    ? said.map((line, i) => printAlignment(alignTokens(units.wer.tokens(line), units.wer.tokens(heard[i]!))))
    : [];
  const rates = Object.fromEntries(results.map(({ key, rate }) => [key, rate]));
  reporter.result(
    {
      command: "evaluate text",
      ...rates,
      lines: said.length,
      protocol: {
        normalization,
        measures: Object.fromEntries(results.map(({ key, protocol }) => [key, protocol])),
        pronunciation: pronunciation.name,
      },
      counts: Object.fromEntries(
        results.map(
          ({ key, meanRate, matchErrorRate, informationLost, hits, substitutions, deletions, insertions }) => [
            key,
            { meanRate, matchErrorRate, informationLost, hits, substitutions, deletions, insertions },
          ],
        ),
      ),
      ...(options.alignment ? { alignments } : {}),
    },
    [...alignments.flatMap((text) => [text, ""]), table(content, { format: "markdown" }).trimEnd()].join("\n"),
  );
}
