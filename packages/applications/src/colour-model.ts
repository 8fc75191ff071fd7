import type { Colour } from "@prosopon/corpus";
import { luminance } from "./photo-patches.ts";

/** What pixels of one thing look like: a bell with heavy tails over brightness and tint. */
export interface ColourModel {
  readonly mean: Feature;
  readonly spread: Feature;
  /** Share of the pixels, 0..1. */
  readonly weight: number;
}

type Feature = readonly [brightness: number, red: number, green: number];

/** Brightness by its logarithm, so that shadow is a shift; tint as shares of red and green, which fade in the dark. */
const featureOf = (colour: Colour): Feature => {
  const sum = colour[0] + colour[1] + colour[2] + 48;
  return [Math.log(luminance(colour) + 16), (colour[0] + 16) / sum, (colour[1] + 16) / sum];
};

/** The model of pixels that belong together, by medians; `floor` is the least spread. */
export function colourModel(
  pixels: readonly Colour[],
  floor: readonly [brightness: number, tint: number],
  weight = 1,
): ColourModel {
  const features = pixels.map(featureOf);
  const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const axes = [0, 1, 2] as const;
  const mean = axes.map((c) => middle(features.map((one) => one[c])));
  const spread = axes.map((c) =>
    Math.max(floor[c === 0 ? 0 : 1], 1.48 * middle(features.map((one) => Math.abs(one[c] - mean[c]!)))),
  );
  return { mean: mean as unknown as Feature, spread: spread as unknown as Feature, weight };
}

/** Models of `count` groups of pixels (Lloyd's algorithm, started along the brightness), weighted by their shares of `total`. */
export function colourGroups(
  pixels: readonly Colour[],
  count: number,
  floor: readonly [brightness: number, tint: number],
  total: number,
): readonly ColourModel[] {
  if (pixels.length === 0) return [];
  const sorted = pixels.toSorted((a, b) => luminance(a) - luminance(b));
  let models = Array.from({ length: count }, (_, i) =>
    colourModel([sorted[Math.floor(((i + 0.5) * sorted.length) / count)]!], [0.25, 0.02]),
  );
  for (let round = 0; round < 5; round++) {
    const groups = models.map((): Colour[] => []);
    for (const one of pixels) {
      const far = models.map((model) => distance(featureOf(one), { ...model, spread: [0.25, 0.02, 0.02] }));
      groups[far.indexOf(Math.min(...far))]!.push(one);
    }
    models = groups
      .filter((group) => group.length > 0)
      .map((group) => colourModel(group, floor, (total * group.length) / pixels.length));
  }
  return models;
}

/** Squared distance from the middle in spreads. */
const distance = (feature: Feature, { mean, spread }: Pick<ColourModel, "mean" | "spread">): number =>
  feature.reduce((sum, value, c) => sum + ((value - mean[c]!) / spread[c]!) ** 2, 0);

/** How far a colour is from a model, in spreads. */
export const colourDeviation = (colour: Colour, model: ColourModel): number =>
  Math.sqrt(distance(featureOf(colour), model));

/** Density of a colour under a mixture, over a floor for what nobody thought of (Student's t with 4 degrees of freedom). */
export function colourDensity(colour: Colour, models: readonly ColourModel[]): number {
  const feature = featureOf(colour);
  const anything = 0.4;
  return models.reduce((sum, model) => {
    const [a, b, c] = model.spread;
    return sum + ((0.06 * model.weight) / (a * b * c)) * (1 + distance(feature, model) / 4) ** -3.5;
  }, anything);
}
