import { appendFile, readFile, rename, writeFile } from "node:fs/promises";
import { ProsoponError } from "@prosopon/errors";
import { csvHeader, csvRow, type LossRow, parseCsv } from "../loss-curve.ts";

export interface LossLogOptions {
  /** A CSV file; its folder exists. */
  readonly file: string;
  /** Names of the numbers after `step`. Without commas or line breaks. */
  readonly columns: readonly string[];
  /** Steps done: rows of later steps, which a crashed run has left, are removed. Default 0: starts anew. */
  readonly step?: number;
}

export interface LossLog {
  append(row: LossRow): Promise<void>;
  rows(): Promise<readonly LossRow[]>;
}

/**
 * The record of a run: one row a step, appended at once.
 * @throws `bad-input` for a column name that CSV cannot hold, or when a resumed record has other columns.
 */
export async function openLossLog({ file, columns, step = 0 }: LossLogOptions): Promise<LossLog> {
  const odd = columns.find((name) => /[,"\r\n]/.test(name));
  if (odd !== undefined)
    throw new ProsoponError("bad-input", `"${odd}" cannot name a column.`, { values: { column: odd } });
  const known = step === 0 ? undefined : await lossRows(file);
  if (known && `${known.columns}` !== `${columns}`)
    throw new ProsoponError("bad-input", `${file} has the columns ${known.columns}, not ${columns}.`, {
      values: { file, found: known.columns, columns },
    });
  const kept = known?.rows.filter((row) => row.step <= step) ?? [];
  const part = `${file}.part`;
  await writeFile(part, csvHeader(columns) + kept.map((row) => csvRow(columns, row)).join(""));
  await rename(part, file);
  return {
    append: (row) => appendFile(file, csvRow(columns, row)),
    rows: async () => (await lossRows(file))?.rows ?? [],
  };
}

async function lossRows(file: string): Promise<ReturnType<typeof parseCsv> | undefined> {
  try {
    return parseCsv(await readFile(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
