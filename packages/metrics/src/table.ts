import { ProsoponError } from "@prosopon/errors";

export interface Column {
  /** Which field of a row. */
  readonly key: string;
  /** Head; default the key. */
  readonly title?: string;
  /** Digits after the point; default: numbers as they are. */
  readonly digits?: number;
  /** Which way is better: an arrow in Markdown. */
  readonly better?: "higher" | "lower";
}

export type Cell = string | number | undefined;

export interface Table {
  readonly columns: readonly Column[];
  /** A field that is absent or undefined was not measured. */
  readonly rows: readonly Readonly<Record<string, Cell>>[];
  /** What it shows, above it in Markdown. */
  readonly caption?: string;
  /** Protocols and reservations, under it in Markdown. */
  readonly notes?: readonly string[];
}

export interface TableOptions {
  readonly format: "markdown" | "csv";
}

const arrows = { higher: " ↑", lower: " ↓" } as const;

function numberText(value: number, digits: number | undefined): string {
  return digits === undefined || !Number.isFinite(value) ? `${value}` : value.toFixed(digits);
}

function markdown({ columns, rows, caption, notes = [] }: Table): string {
  const escaped = (text: string) =>
    text
      .replaceAll("\\", "\\\\")
      .replaceAll("|", "\\|")
      .replace(/\s*\n\s*/g, " ");
  const numeric = ({ key }: Column) => rows.every((row) => typeof row[key] !== "string");
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const cell = (value: Cell, { digits }: Column) => {
    if (value === undefined) return "–";
    if (typeof value === "string") return escaped(value);
    return numberText(value, digits).replace("Infinity", "∞");
  };
  return [
    ...(caption ? [caption, ""] : []),
    line(columns.map(({ key, title = key, better }) => `${escaped(title)}${better ? arrows[better] : ""}`)),
    line(columns.map((column) => (numeric(column) ? "---:" : "---"))),
    ...rows.map((row) => line(columns.map((column) => cell(row[column.key], column)))),
    ...(notes.length > 0 ? ["", ...notes.map((note) => `- ${note}`)] : []),
    "",
  ].join("\n");
}

/** RFC 4180: lines end in CRLF, quotes are doubled. */
function csv({ columns, rows }: Table): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const cell = (value: Cell, digits?: number) =>
    value === undefined ? "" : typeof value === "string" ? quoted(value) : numberText(value, digits);
  return [
    columns.map(({ key }) => quoted(key)),
    ...rows.map((row) => columns.map(({ key, digits }) => cell(row[key], digits))),
  ]
    .map((cells) => `${cells.join(",")}\r\n`)
    .join("");
}

/**
 * Rows as text. Markdown has titles, arrows, caption and notes; CSV has the keys as its head and nothing else, so that a program can read it.
 * @throws `bad-input` for two columns of one key or a row with a field that no column shows.
 */
export function table(content: Table, { format }: TableOptions): string {
  const keys = new Set(content.columns.map(({ key }) => key));
  const stray = content.rows.flatMap((row) => Object.keys(row)).find((key) => !keys.has(key));
  if (keys.size !== content.columns.length || stray !== undefined)
    throw new ProsoponError(
      "bad-input",
      stray === undefined ? "Two columns have the same key." : `No column shows the field "${stray}".`,
      { values: { columns: content.columns.map(({ key }) => key), ...(stray === undefined ? {} : { stray }) } },
    );
  return format === "csv" ? csv(content) : markdown(content);
}
