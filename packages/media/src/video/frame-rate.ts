import { ProsoponError } from "@prosopon/errors";

/** Frames a second as a fraction in lowest terms: 25/1, 30000/1001. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/** The rate numerator / denominator. Throws `bad-input` unless both are whole numbers above 0 and the rate is 1 to 240. */
export function frameRate(numerator: number, denominator = 1): FrameRate {
  const whole = Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator) && denominator > 0;
  if (!whole || numerator < denominator || numerator > 240 * denominator) {
    const text = denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
    throw new ProsoponError("bad-input", `A rate of ${text} frames per second is not handled.`, {
      values: { numerator, denominator },
      mend: "Use 1 to 240, as a whole number or a fraction such as 30000/1001.",
    });
  }
  const divisor = greatestDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** The rate of a text: `25`, `30000/1001`, `12.5`; 23.976, 29.97 and 59.94 are the rates of television. Throws `bad-input`. */
export function parseFrameRate(text: string): FrameRate {
  const television = { "23.976": 24_000, "23.98": 24_000, "29.97": 30_000, "59.94": 60_000 }[text.trim()];
  if (television !== undefined) return frameRate(television, 1001);
  const [, whole, decimals = "", below] = /^\s*(\d{1,9})(?:\.(\d{1,6})|\/(\d{1,9}))?\s*$/.exec(text) ?? [];
  if (whole === undefined) {
    throw new ProsoponError("bad-input", `${JSON.stringify(text)} is no rate of frames per second.`, {
      values: { text },
      mend: "Write 25, 12.5 or 30000/1001.",
    });
  }
  return frameRate(Number(whole + decimals), below === undefined ? 10 ** decimals.length : Number(below));
}

/** When frame `index` begins, in seconds; computed from the whole number, so that nothing drifts. */
export function frameTime({ numerator, denominator }: FrameRate, index: number): number {
  return (index * denominator) / numerator;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
