import type { Colour, GlassesStyle } from "@prosopon/corpus";
import type { Image, Point } from "@prosopon/media";
import { luminance, pixelAt } from "./photo-patches.ts";

export interface GlassesGuess {
  readonly value: GlassesStyle;
  readonly confidence: number;
  readonly colour: Colour;
}

/**
 * Glasses from the edge that a frame draws across the root of the nose, where a bare face is smooth. Deep shadows and wrinkles there look alike, so that the
 * confidence stays low near the threshold.
 */
export function guessGlasses(image: Image, landmarks: readonly Point[]): GlassesGuess {
  const p = (i: number) => landmarks[i]!;
  const unit = Math.hypot(p(45)[0] - p(36)[0], p(45)[1] - p(36)[1]) / 50;
  const [x, y] = [(p(27)[0] + p(28)[0]) / 2, (p(27)[1] + p(28)[1]) / 2];
  const rows: Colour[] = [];
  for (let dy = -5; dy <= 5; dy += 0.5) {
    const row: Colour[] = [];
    for (let dx = -2; dx <= 2; dx += 0.5) row.push(pixelAt(image, x + dx * unit, y + dy * unit));
    const mean = (c: number) => row.reduce((sum, one) => sum + one[c]!, 0) / row.length;
    rows.push([mean(0), mean(1), mean(2)]);
  }
  const light = rows.map(luminance);
  const brightness = Math.max(90, light.reduce((a, b) => a + b, 0) / light.length);
  const edge = Math.max(...light.slice(2).map((one, i) => Math.abs(one - light[i]!))) / brightness;
  const threshold = 0.17;
  const colour = rows.toSorted((a, b) => luminance(a) - luminance(b))[1]!;
  return {
    value: edge > threshold ? "square" : "none",
    confidence: Math.min(1, Math.max(0.1, Math.abs(edge - threshold) / threshold)),
    colour: [0, 1, 2].map((c) => 0.8 * colour[c]!) as unknown as Colour,
  };
}
