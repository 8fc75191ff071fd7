import { extname } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { writeFileAtomic } from "@prosopon/media/node";
import { type Table, table } from "@prosopon/metrics";

/** Refuses an extension that names no form of a table. @throws `bad-input` */
export function checkTable(file: string | undefined): void {
  if (file === undefined || [".md", ".csv", ".json"].includes(extname(file).toLowerCase())) return;
  throw new ProsoponError("bad-input", `The extension of ${file} names no form of a table.`, {
    values: { file },
    mend: "Use .md, .csv or .json.",
  });
}

/** @throws `bad-input` */
export function checkPlot(file: string | undefined): void {
  if (file === undefined || extname(file).toLowerCase() === ".svg") return;
  throw new ProsoponError("bad-input", `${file} is no .svg file.`, {
    values: { file },
    mend: "Name a file that ends in .svg.",
  });
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Writes a table as its file's extension says, whole or not at all. @throws `output`, `bad-input` */
export async function writeTable(file: string | undefined, content: Table): Promise<void> {
  if (file === undefined) return;
  const kind = extname(file).toLowerCase();
  const text =
    kind === ".json"
      ? `${JSON.stringify({ rows: content.rows, notes: content.notes ?? [] }, null, 1)}\n`
      : table(content, { format: kind === ".csv" ? "csv" : "markdown" });
  await writeFileAtomic(file, bytes(text));
}

/** Writes an SVG, whole or not at all. @throws `output` */
export const writePlot = (file: string, svg: string): Promise<void> => writeFileAtomic(file, bytes(svg));
