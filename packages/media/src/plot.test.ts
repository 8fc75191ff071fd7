import { describe, expect, test } from "vitest";
import { type PlotOptions, plot } from "./plot.ts";
import { rasterize } from "./rasterize.ts";

const line: PlotOptions = {
  kind: "line",
  title: 'Loss <b> & "more"',
  x: "step",
  y: "loss",
  series: [
    { name: "train", x: [1, 2, 3, 4], y: [4, 2, Number.NaN, 1] },
    { name: "held out", x: [1, 4], y: [5, null] },
  ],
  size: { width: 400, height: 300 },
};

describe("plot", () => {
  test("draws lines with their names, escaped, in the wanted size", async () => {
    const svg = plot(line);
    expect(svg).toMatch(/^<svg width="400" height="300"/);
    expect(svg).toContain("Loss &lt;b&gt; &amp;");
    for (const text of ["step", "loss", "train", "held out"]) expect(svg).toContain(`>${text}</text>`);
    const picture = await rasterize(svg, { width: 400, height: 300 });
    expect(new Set(picture.data).size).toBeGreaterThan(20);
  });

  test("the same options give the same text, whatever was drawn before", () => {
    const first = plot(line);
    plot({ kind: "bar", series: [{ name: "a", x: ["p"], y: [1] }] });
    expect(plot(line)).toBe(first);
    expect(plot({ ...line, title: "other" })).not.toBe(first);
  });

  test("a falling line falls on the picture, also on logarithmic axes", () => {
    for (const logarithmic of [{}, { x: true, y: true }]) {
      const series = [{ name: "s", x: [1, 10, 100], y: [100, 10, 1] }];
      const svg = plot({ kind: "line", series, logarithmic, size: { width: 400, height: 300 } });
      const path = svg.match(/<path d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/);
      const [x0, y0, x1, y1, x2, y2] = path!.slice(1).map(Number) as [number, number, number, number, number, number];
      expect(x0 < x1 && x1 < x2 && y0 < y1 && y1 < y2).toBe(true);
      const straight = Math.abs((y1 - y0) / (x1 - x0) - (y2 - y1) / (x2 - x1)) < 0.01;
      expect(straight).toBe("x" in logarithmic);
    }
  });

  test("draws a bar for each value and a cell with its number for each heat-map value", () => {
    const bars = plot({ kind: "bar", series: [{ name: "a", x: ["happy", "sad"], y: [1, 3] }] });
    expect(bars).toContain(">happy</text>");
    const heat = plot({
      kind: "heatmap",
      columns: ["p", "q"],
      rows: ["r", "s"],
      values: [
        [0.125, 1],
        [0, 0.51234],
      ],
    });
    for (const text of ["p", "q", "r", "s", "0.125", "0.512"]) expect(heat).toContain(`>${text}</text>`);
    // The first row is at the top.
    const height = (name: string) =>
      Number(new RegExp(`translate\\([\\d.]+ ([\\d.]+)\\)"[^>]*>${name}</text>`).exec(heat)![1]);
    expect(height("r")).toBeLessThan(height("s"));
  });

  test("empty series still draw", () => {
    expect(plot({ kind: "line", series: [] })).toMatch(/^<svg/);
    expect(plot({ kind: "heatmap", columns: [], rows: [], values: [] })).toMatch(/^<svg/);
  });

  test("refuses unknown options and lists that disagree", () => {
    expect(() => plot({ ...line, colour: "red" } as never)).toThrow(/colour/);
    expect(() => plot({ kind: "pie" } as never)).toThrow(/cannot be drawn/);
    expect(() => plot({ kind: "line", series: [{ name: "a", x: [1, 2], y: [1] }] })).toThrow(
      /2 x values of "a", but 1 y values/,
    );
    const bars = [
      { name: "a", x: ["p"], y: [1] },
      { name: "b", x: ["q"], y: [1] },
    ];
    expect(() => plot({ kind: "bar", series: bars })).toThrow(/"b" names other groups/);
    expect(() => plot({ kind: "heatmap", columns: ["a"], rows: ["b"], values: [[1, 2]] })).toThrow(
      /2 values of a row, but 1/,
    );
  });
});
