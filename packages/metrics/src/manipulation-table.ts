import type { Column, Table } from "./table.ts";

/** One setting of an editing method and how it did: a line of Tables 4.2 and 4.3 of the thesis. */
export interface ManipulationRow {
  /** The emotion that the pictures should show. */
  readonly target: string;
  /** What was set, in the order of the columns, such as `{ T_DDIM: 40, t0: 500, gamma: 3 }`. */
  readonly settings: Readonly<Record<string, number | string>>;
  /** In decibels. */
  readonly psnr: number;
  readonly ssim: number;
  readonly lpips?: number;
  /** A distance by another network than LPIPS' trunks. */
  readonly ownDistance?: number;
  /** Cosine of embeddings ("CSIM", as in Table 4.4). */
  readonly identity?: number;
  /** Share of edits that the judge takes for each emotion, 0..1: `perTarget[target].shares` of `emotionAccuracy`. */
  readonly shares: Readonly<Record<string, number>>;
}

export interface ManipulationTableOptions {
  /** The emotions that get a column, in this order. */
  readonly emotions: readonly string[];
  readonly caption?: string;
  readonly notes?: readonly string[];
}

const optional = [
  { key: "lpips", title: "LPIPS", digits: 3, better: "lower" },
  { key: "ownDistance", title: "own distance", digits: 3, better: "lower" },
  { key: "identity", title: "CSIM", digits: 3, better: "higher" },
] as const;

/** The thesis' form for edits: target, settings, image quality against the source, then what the judge sees. For `table`. */
export function manipulationTable(
  rows: readonly ManipulationRow[],
  { emotions, caption, notes }: ManipulationTableOptions,
): Table {
  const settings = [...new Set(rows.flatMap((row) => Object.keys(row.settings)))];
  const columns: Column[] = [
    { key: "target" },
    ...settings.map((key) => ({ key })),
    { key: "psnr", title: "PSNR", digits: 2, better: "higher" },
    { key: "ssim", title: "SSIM", digits: 3, better: "higher" },
    ...optional.filter(({ key }) => rows.some((row) => row[key] !== undefined)),
    ...emotions.map((key) => ({ key, digits: 3 })),
  ];
  return {
    columns,
    rows: rows.map(({ target, settings, psnr, ssim, shares, ...row }) => ({
      target,
      ...settings,
      psnr,
      ssim,
      ...Object.fromEntries(optional.flatMap(({ key }) => (row[key] === undefined ? [] : [[key, row[key]]]))),
      ...Object.fromEntries(emotions.map((emotion) => [emotion, shares[emotion]])),
    })),
    ...(caption === undefined ? {} : { caption }),
    ...(notes === undefined ? {} : { notes }),
  };
}
