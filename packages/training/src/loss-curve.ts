/** One row of a run's record: the step and the numbers of its columns. */
export interface LossRow {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** The options of a line chart that `lossCurve` fills in; `plot` of `@prosopon/media/plot` takes them. */
export interface CurveOptions {
  readonly kind: "line";
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly { readonly name: string; readonly x: readonly number[]; readonly y: readonly number[] }[];
  readonly logarithmic: { readonly y: boolean };
}

export interface LossCurveOptions<Picture> {
  readonly rows: readonly LossRow[];
  /** Draws it, for instance `plot` of `@prosopon/media/plot`. */
  readonly plot: (options: CurveOptions) => Picture;
  readonly title?: string;
  /** Which columns; default all. */
  readonly columns?: readonly string[];
  /** Points of each line: the means of as many stretches of steps. Default 300. */
  readonly points?: number;
  readonly logarithmic?: boolean;
}

/** A chart of losses over steps, each point the mean of a stretch of steps. */
export function lossCurve<Picture>(options: LossCurveOptions<Picture>): Picture {
  const { rows, plot, title = "", points = 300, logarithmic = false } = options;
  const columns = options.columns ?? [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const stretch = Math.max(1, Math.ceil(rows.length / points));
  const series = columns.map((name) => {
    const x: number[] = [];
    const y: number[] = [];
    for (let start = 0; start < rows.length; start += stretch) {
      const part = rows.slice(start, start + stretch).filter(({ values }) => Number.isFinite(values[name]));
      if (part.length === 0) continue;
      x.push(part.at(-1)!.step);
      y.push(part.reduce((sum, { values }) => sum + values[name]!, 0) / part.length);
    }
    return { name, x, y };
  });
  return plot({ kind: "line", title, x: "step", y: "loss", series, logarithmic: { y: logarithmic } });
}

/** The header line of a record. */
export const csvHeader = (columns: readonly string[]): string => `${["step", ...columns].join(",")}\n`;

/** A row of a record; absent columns stay empty. */
export const csvRow = (columns: readonly string[], { step, values }: LossRow): string =>
  `${[step, ...columns.map((name) => values[name] ?? "")].join(",")}\n`;

/** The rows of a record. A last line that was cut off by a crash is passed over. */
export function parseCsv(text: string): { readonly columns: readonly string[]; readonly rows: readonly LossRow[] } {
  const lines = text.split("\n").slice(0, -1);
  const columns = (lines[0] ?? "step").split(",").slice(1);
  const rows = lines.slice(1).map((line): LossRow => {
    const [step, ...cells] = line.split(",");
    const values = columns.flatMap((name, i) => (cells[i] ? [[name, Number(cells[i])] as const] : []));
    return { step: Number(step), values: Object.fromEntries(values) };
  });
  return { columns, rows };
}
