import { ProsoponError } from "@prosopon/errors";
import { BarChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TitleComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { z } from "zod";

use([
  BarChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  TitleComponent,
  VisualMapComponent,
  SVGRenderer,
]);

// null, NaN and infinities are gaps: a diverged loss should still plot.
const value = z.union([z.number(), z.nan(), z.literal([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]), z.null()]);
const common = {
  title: z.string().default(""),
  /** The names of the axes. */
  x: z.string().default(""),
  y: z.string().default(""),
  size: z
    .strictObject({ width: z.int().min(64).max(8192), height: z.int().min(64).max(8192) })
    .default({ width: 720, height: 440 }),
};
const curve = {
  ...common,
  series: z
    .array(z.strictObject({ name: z.string(), x: z.array(z.number()).readonly(), y: z.array(value).readonly() }))
    .readonly(),
  /** Which axes are logarithmic; values that are not positive are gaps on them. */
  logarithmic: z.strictObject({ x: z.boolean().default(false), y: z.boolean().default(false) }).prefault({}),
};
const options = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("line"), ...curve }),
  z.strictObject({ kind: z.literal("scatter"), ...curve }),
  z.strictObject({
    kind: z.literal("bar"),
    ...common,
    /** `x` names the groups of bars, the same for each series. */
    series: z
      .array(z.strictObject({ name: z.string(), x: z.array(z.string()).readonly(), y: z.array(value).readonly() }))
      .readonly(),
  }),
  z.strictObject({
    kind: z.literal("heatmap"),
    ...common,
    columns: z.array(z.string()).readonly(),
    rows: z.array(z.string()).readonly(),
    /** `values[row][column]`; the first row is drawn at the top. */
    values: z.array(z.array(value).readonly()).readonly(),
  }),
]);

/** A line, scatter or bar chart over `series`, or a heat map over `columns`, `rows` and `values`. */
export type PlotOptions = z.input<typeof options>;

/**
 * A chart as the text of an SVG, the same text for the same options. Throws `bad-input` for unknown options and for lists
 * whose lengths disagree.
 */
export function plot(given: PlotOptions): string {
  const parsed = options.safeParse(given);
  if (!parsed.success) {
    throw new ProsoponError("bad-input", `The plot cannot be drawn: ${z.prettifyError(parsed.error)}`, {
      cause: parsed.error,
    });
  }
  const { title, size } = parsed.data;
  const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#fff",
      title: { text: title, left: "center", top: 8, textStyle: { fontSize: 16 } },
      legend: parsed.data.kind === "heatmap" ? { show: false } : { bottom: 4 },
      grid: { left: 64, right: 32, top: 56, bottom: 84 },
      ...contents(parsed.data),
    });
    return renumbered(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

type Parsed = z.output<typeof options>;

function contents(data: Parsed): Record<string, unknown> {
  const names = {
    x: { name: data.x, nameLocation: "middle", nameGap: 30 },
    y: { name: data.y, nameLocation: "middle", nameGap: 46 },
  };
  if (data.kind === "heatmap") {
    requireEqual("rows of values", data.values.length, "row names", data.rows.length);
    for (const row of data.values) requireEqual("values of a row", row.length, "column names", data.columns.length);
    const cells = data.values.flatMap((row, y) => row.map((cell, x) => [x, y, finite(cell)]));
    const numbers = cells.map((cell) => cell[2]).filter((cell) => cell !== null) as number[];
    const low = numbers.reduce((least, cell) => Math.min(least, cell), Number.POSITIVE_INFINITY);
    const high = numbers.reduce((most, cell) => Math.max(most, cell), Number.NEGATIVE_INFINITY);
    return {
      xAxis: { ...names.x, type: "category", data: data.columns },
      yAxis: { ...names.y, type: "category", data: data.rows, inverse: true },
      visualMap: {
        min: numbers.length ? low : 0,
        max: numbers.length ? high : 1,
        orient: "horizontal",
        left: "center",
        bottom: 4,
      },
      series: [{ type: "heatmap", data: cells, label: { show: cells.length <= 400, formatter: cellText } }],
    };
  }
  for (const one of data.series) requireEqual(`x values of "${one.name}"`, one.x.length, "y values", one.y.length);
  if (data.kind === "bar") {
    const groups = data.series[0]?.x ?? [];
    for (const one of data.series) {
      if (one.x.join("\n") === groups.join("\n")) continue;
      throw new ProsoponError("bad-input", `The series "${one.name}" names other groups than the first.`, {
        values: { groups, other: one.x },
      });
    }
    return {
      xAxis: { ...names.x, type: "category", data: groups },
      yAxis: { ...names.y, type: "value" },
      series: data.series.map((one) => ({ type: "bar", name: one.name, data: one.y.map(finite) })),
    };
  }
  const { logarithmic } = data;
  return {
    xAxis: { ...names.x, type: logarithmic.x ? "log" : "value", scale: true },
    yAxis: { ...names.y, type: logarithmic.y ? "log" : "value", scale: true },
    series: data.series.map((one) => ({
      type: data.kind,
      name: one.name,
      showSymbol: one.x.length <= 50,
      data: one.x.map((x, index) => {
        const y = finite(one.y[index]!);
        const hidden = (logarithmic.x && x <= 0) || (logarithmic.y && y !== null && y <= 0);
        return [x, hidden ? null : y];
      }),
    })),
  };
}

function cellText(cell: { readonly value: readonly (number | null)[] }): string {
  const number = cell.value[2];
  return number === null || number === undefined ? "" : String(Number(number.toPrecision(3)));
}

function finite(number: number | null): number | null {
  return number !== null && Number.isFinite(number) ? number : null;
}

function requireEqual(what: string, count: number, other: string, otherCount: number): void {
  if (count === otherCount) return;
  throw new ProsoponError("bad-input", `There are ${count} ${what}, but ${otherCount} ${other}.`, {
    values: { count, otherCount },
  });
}

// The library numbers its class names over the life of the process; the text should not depend on earlier plots.
function renumbered(svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bzr\d+-[a-z]+-?\d+\b/g, (name) => {
    if (!names.has(name)) names.set(name, `p${names.size}`);
    return names.get(name)!;
  });
}
