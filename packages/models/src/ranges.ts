import { ProsoponError } from "@prosopon/errors";
import type { ActivationRange, ActivationRanges } from "@prosopon/graph";
import * as z from "zod";

const range = z
  .tuple([z.number(), z.number()])
  .refine(([least, most]) => least <= most, { message: "the least number is larger than the most" });

const schema = z.strictObject({
  specification: z.literal("ranges/v1"),
  /** What the model did while it was measured, one sentence. */
  measured: z.string(),
  ranges: z.record(z.string(), z.strictObject({ input: range, output: range.optional() })),
});

/** Five digits: far finer than the 255 steps that a range is cut into. */
const digits = ([least, most]: readonly [number, number]) => [least, most].map((one) => Number(one.toPrecision(5)));

/** The text of a `ranges/v1` file, a line for each operator. */
export function rangesText(ranges: ActivationRanges, measured: string): string {
  const lines = Object.entries(ranges).map(([name, { input, output }]) => {
    const fields = { input: digits(input), ...(output ? { output: digits(output) } : {}) };
    return `    ${JSON.stringify(name)}: ${JSON.stringify(fields)}`;
  });
  const head = { specification: "ranges/v1", measured };
  return `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "ranges": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** The ranges in such a text. @param source what the error names, such as the file. @throws `bad-file` naming what is wrong, in one line. */
export function parseRanges(text: string, source = "The text"): ActivationRanges {
  const refuse = (problem: string, cause?: unknown) =>
    new ProsoponError("bad-file", `${source} is no ranges/v1: ${problem}.`, {
      values: { source },
      mend: "Measure the ranges again with `prosopon models calibrate`.",
      cause,
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse((cause as Error).message, cause);
  }
  const result = schema.safeParse(value);
  if (!result.success)
    throw refuse(result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  return Object.fromEntries(
    Object.entries(result.data.ranges).map(([name, { input, output }]): [string, ActivationRange] => [
      name,
      output ? { input, output } : { input },
    ]),
  );
}
