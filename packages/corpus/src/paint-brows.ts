import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { between } from "./drawing.ts";
import type { FacePoint } from "./head-pose.ts";

/** Brows between their upper edge, which carries the landmarks, and a lower edge one thickness below. */
export function paintBrows({ pen, person, face, tones, all }: Canvas): void {
  const colour = mix(scale(person.hairColour, 0.72), tones.deep, person.hair === "headscarf" ? 0.1 : 0.22);
  face.brows.forEach((brow, index) => {
    const thickness = index === 0 ? [...face.browThickness].reverse() : face.browThickness;
    const lower = brow.map(([x, y, z], point): FacePoint => [x, y + (thickness[point] ?? 1), z]);
    const d = between(all(brow), all(lower));
    const ends = all([brow[0] as FacePoint, brow[4] as FacePoint]);
    const [a, b] = ends as [readonly [number, number], readonly [number, number]];
    const [start, end] = index === 0 ? [0.95, 0.72] : [0.72, 0.95];
    pen.path(d, {
      fill: pen.linear(a, b, [
        [0, colour, start],
        [0.5, colour, 0.97],
        [1, colour, end],
      ]),
      stroke: css(colour),
      width: 0.25,
      opacity: 0.96,
    });
  });
}
