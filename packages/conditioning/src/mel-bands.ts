import { ProsoponError } from "@prosopon/errors";

export interface MelBandsOptions {
  readonly bands: number;
  /** Hz: where the first triangle begins. */
  readonly lowest: number;
  /** Hz: where the last triangle ends. */
  readonly highest: number;
  readonly sampleRate: number;
  /** Length of the Fourier transform. */
  readonly transform: number;
}

/** Triangles on the mel scale: band b is Σ weights[i] · power[first + i]. */
export interface MelBand {
  readonly first: number;
  readonly weights: Float64Array;
  /** Hz of its peak. */
  readonly centre: number;
}

// O'Shaughnessy 1987: mel = 2595 log10(1 + f / 700).
const toMel = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const toHertz = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/** Triangular bands of peak 1, evenly spaced in mel. @throws `bad-input` when a band is narrower than the spectrum's bins. */
export function melBands({ bands, lowest, highest, sampleRate, transform }: MelBandsOptions): readonly MelBand[] {
  const step = (toMel(highest) - toMel(lowest)) / (bands + 1);
  const corner = (i: number) => toHertz(toMel(lowest) + i * step);
  const width = sampleRate / transform;
  return Array.from({ length: bands }, (_, band) => {
    const [left, centre, right] = [corner(band), corner(band + 1), corner(band + 2)];
    const first = Math.floor(left / width) + 1;
    const last = Math.min(Math.ceil(right / width) - 1, transform / 2);
    if (last < first)
      throw new ProsoponError("bad-input", `${bands} mel bands from ${lowest} to ${highest} Hz are too narrow.`, {
        values: { bands, lowest, highest, width },
        mend: `Each must hold a multiple of ${width} Hz: ask for fewer bands or a longer window.`,
      });
    const weights = Float64Array.from({ length: last - first + 1 }, (_, i) => {
      const hertz = (first + i) * width;
      return hertz <= centre ? (hertz - left) / (centre - left) : (right - hertz) / (right - centre);
    });
    return { first, weights, centre };
  });
}
