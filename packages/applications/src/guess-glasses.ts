import type { Colour, GlassesStyle } from "@prosopon/corpus";
import type { Image, Point } from "@prosopon/media";
import { luminance, pixelAt } from "./photo-patches.ts";

export interface GlassesGuess {
  readonly value: GlassesStyle;
  readonly confidence: number;
  readonly colour: Colour;
  readonly bridge: number;
  readonly rims: number;
}

/** Glasses from the edges that frames draw where a bare face has none: across the bridge of the nose and below the eyes. */
export function guessGlasses(image: Image, landmarks: readonly Point[]): GlassesGuess {
  const p = (i: number) => landmarks[i]!;
  const unit = Math.hypot(p(45)[0] - p(36)[0], p(45)[1] - p(36)[1]) / 50;
  const light = (x: number, y: number) => luminance(pixelAt(image, x, y));
  const around = Math.max(60, (light(...p(29)) + light(...p(30))) / 2);
  /** The darkest thin line across a place: how much darker it is than above and below it, as a share of the skin's brightness. */
  const line = ([x, y]: Point, width: number, from: number, till: number): number => {
    const rows: number[] = [];
    for (let dy = from; dy <= till; dy += 0.5) {
      let sum = 0;
      for (let dx = -width; dx <= width; dx += 0.5) sum += light(x + dx * unit, y + dy * unit);
      rows.push(sum / (4 * width + 1));
    }
    const reach = 5;
    return (
      Math.max(...rows.slice(reach, -reach).map((row, i) => Math.min(rows[i]!, rows[i + 2 * reach]!) - row)) / around
    );
  };
  const bridge = line([(p(27)[0] + p(28)[0]) / 2, (p(27)[1] + p(28)[1]) / 2], 2, -7, 7);
  const below = (start: number): Point => [
    (p(start)[0] + p(start + 3)[0]) / 2,
    (p(start + 4)[1] + p(start + 5)[1]) / 2,
  ];
  const rims = (line(below(36), 3, 2, 13) + line(below(42), 3, 2, 13)) / 2;
  const score = bridge / 0.08 + rims / 0.12;
  const worn = score > 2;
  return {
    value: worn ? "square" : "none",
    confidence: Math.min(1, Math.max(0.1, Math.abs(score - 2))),
    colour: [40, 36, 38],
    bridge,
    rims,
  };
}
