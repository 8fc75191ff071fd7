import { expect, test } from "vitest";
import { manipulationTable } from "./manipulation-table.ts";
import { table } from "./table.ts";

const content = manipulationTable(
  [
    // Two lines of the thesis' Table 4.2.
    {
      target: "Happiness",
      settings: { T_DDIM: 40, t0: 400, gamma: 1 },
      psnr: 35.25,
      ssim: 0.966,
      lpips: 0.013,
      shares: { neutral: 0.24, happy: 0.248 },
    },
    {
      target: "Happiness",
      settings: { T_DDIM: 40, t0: 500, gamma: 5 },
      psnr: 25.8,
      ssim: 0.841,
      lpips: 0.09,
      shares: { neutral: 0.056, happy: 0.872 },
    },
  ],
  { emotions: ["neutral", "happy"], caption: "Edits.", notes: ["PSNR against the source."] },
);

test("edits in the thesis' form as Markdown", () => {
  expect(table(content, { format: "markdown" })).toBe(`Edits.

| target | T_DDIM | t0 | gamma | PSNR ↑ | SSIM ↑ | LPIPS ↓ | neutral | happy |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| Happiness | 40 | 400 | 1 | 35.25 | 0.966 | 0.013 | 0.240 | 0.248 |
| Happiness | 40 | 500 | 5 | 25.80 | 0.841 | 0.090 | 0.056 | 0.872 |

- PSNR against the source.
`);
});

test("and as CSV", () => {
  expect(table(content, { format: "csv" })).toBe(
    "target,T_DDIM,t0,gamma,psnr,ssim,lpips,neutral,happy\r\n" +
      "Happiness,40,400,1,35.25,0.966,0.013,0.240,0.248\r\n" +
      "Happiness,40,500,5,25.80,0.841,0.090,0.056,0.872\r\n",
  );
});

test("a column that nobody measured is left out", () => {
  const [row] = content.rows;
  const plain = manipulationTable(
    [{ target: "a", settings: {}, psnr: Number.POSITIVE_INFINITY, ssim: 1, shares: {} }],
    { emotions: ["sad"] },
  );
  expect(row).toHaveProperty("lpips");
  expect(table(plain, { format: "markdown" })).toContain("| a | ∞ | 1.000 | – |");
  expect(table(plain, { format: "csv" })).toBe("target,psnr,ssim,sad\r\na,Infinity,1.000,\r\n");
});

test("cells cannot break the table", () => {
  const odd = { columns: [{ key: "a" }, { key: "b" }], rows: [{ a: 'x|y\nz, "q"', b: 1 }] };
  expect(table(odd, { format: "markdown" }).split("\n")[2]).toBe('| x\\|y z, "q" | 1 |');
  expect(table(odd, { format: "csv" })).toBe('a,b\r\n"x|y\nz, ""q""",1\r\n');
});

test("fields without a column and columns of one key are refused", () => {
  expect(() => table({ columns: [{ key: "a" }], rows: [{ b: 1 }] }, { format: "csv" })).toThrow(/"b"/);
  expect(() => table({ columns: [{ key: "a" }, { key: "a" }], rows: [] }, { format: "csv" })).toThrow(/same key/);
});
