import { readFile, stat } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { alignTokens, printAlignment, type Table, table, words } from "@prosopon/metrics";
import type { Context } from "../context.ts";
import type { Reporter } from "../reporter.ts";
import { type TextRateOptions, textRates } from "./text-rates.ts";
import { checkTable, writeTable } from "./write-table.ts";

export interface TextOptions extends TextRateOptions {
  readonly alignment?: true;
  readonly table?: string;
  readonly json?: true;
}

/** The lines of a file, or the text itself as one. @throws `not-found` for what looks like a file but is none. */
export async function linesOf(given: string): Promise<readonly string[]> {
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
  const [said, heard] = [await linesOf(reference), await linesOf(hypothesis)];
  if (said.length !== heard.length)
    throw new ProsoponError("bad-input", `${said.length} lines were said, ${heard.length} were understood.`, {
      values: { reference: said.length, hypothesis: heard.length },
      mend: "Give a line of one for each line of the other, empty where nothing was understood.",
    });
  const { rates, pronunciation } = await textRates(reporter, said, heard, options);
  const content: Table = {
    columns: [
      { key: "measure" },
      { key: "rate", digits: 4, better: "lower" },
      { key: "meanRate", title: "mean of lines", digits: 4, better: "lower" },
      ...["hits", "substitutions", "deletions", "insertions"].map((key) => ({ key })),
    ],
    rows: rates.map(({ key, rate, meanRate, hits, substitutions, deletions, insertions }) => ({
      measure: key,
      rate,
      meanRate,
      hits,
      substitutions,
      deletions,
      insertions,
    })),
    notes: rates.map(({ protocol }) => protocol),
  };
  await writeTable(options.table, content);
  const unit = words({ normalization: options.normalize });
  const alignments = options.alignment
    ? said.map((line, i) => printAlignment(alignTokens(unit.tokens(line), unit.tokens(heard[i]!))))
    : [];
  reporter.result(
    {
      command: "evaluate text",
      ...Object.fromEntries(rates.map(({ key, reported }) => [key, reported])),
      lines: said.length,
      protocol: {
        name: options.protocol,
        normalization: options.normalize,
        measures: Object.fromEntries(rates.map(({ key, protocol }) => [key, protocol])),
        pronunciation,
      },
      counts: Object.fromEntries(
        rates.map(
          ({ key, rate, meanRate, matchErrorRate, informationLost, hits, substitutions, deletions, insertions }) => [
            key,
            { rate, meanRate, matchErrorRate, informationLost, hits, substitutions, deletions, insertions },
          ],
        ),
      ),
      ...(options.alignment ? { alignments } : {}),
    },
    [...alignments.flatMap((text) => [text, ""]), table(content, { format: "markdown" }).trimEnd()].join("\n"),
  );
}
