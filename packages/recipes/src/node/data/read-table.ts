import { createReadStream } from "node:fs";
import { ProsoponError } from "@prosopon/errors";
import { CsvError, parse } from "csv-parse";

/** The rows of a CSV file by the names in its first line. @throws `bad-file` for what is no table and for absent columns. */
export async function* readTable(
  file: string,
  columns: readonly string[],
): AsyncGenerator<Readonly<Record<string, string | undefined>>, void> {
  const bad = (reason: string, cause?: unknown) =>
    new ProsoponError("bad-file", `${file} cannot be read as a table: ${reason}.`, { values: { file }, cause });
  const rows = parse({
    bom: true,
    trim: true,
    relax_column_count: true,
    skip_empty_lines: true,
    columns: (first: string[]) => {
      const absent = columns.filter((column) => !first.includes(column));
      if (absent.length > 0) throw bad(`its first line names no column ${absent.join(", ")}`);
      return first;
    },
  });
  const source = createReadStream(file);
  source.on("error", (cause) => rows.destroy(bad("it cannot be opened", cause)));
  try {
    for await (const row of source.pipe(rows)) yield row;
  } catch (error) {
    if (error instanceof CsvError) throw bad(error.message, error);
    throw error;
  } finally {
    source.destroy();
  }
}
