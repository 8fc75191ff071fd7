import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { smooth } from "./drawing.ts";
import { dome, scalp } from "./hair-shapes.ts";
import type { FacePoint, Point } from "./head-pose.ts";

/** A headscarf round the face; the cloth's light runs from `from` to `till`. */
export function paintScarf({ pen, person, all, face, size }: Canvas, from: Point, till: Point): void {
  const cloth = person.accentColour;
  const [x, y] = till;
  const fill = pen.linear(
    from,
    [x, y + 60],
    [
      [0, mix(cloth, [255, 255, 255], 0.18)],
      [0.5, cloth],
      [1, scale(cloth, 0.62)],
    ],
  );
  const w = person.faceWidth;
  const chin = face.chin + 6 * face.jawDrop;
  const height = Math.min(person.browHeight - 10, -person.foreheadHeight * 0.6);
  const outer: FacePoint[] = [
    [-w - 12, chin + 40, -2],
    [-w - 8, chin + 4, -2],
    [-w - 6, 22, -2],
    ...dome(person, 6, 5.5, 0).slice(1, -1),
    [w + 6, 22, -2],
    [w + 8, chin + 4, -2],
    [w + 12, chin + 40, -2],
  ];
  const brim = [
    [-0.96, 6],
    [-0.9, -12],
    [-0.7, height + 5],
    [-0.35, height],
    [0, height - 1],
    [0.35, height],
    [0.7, height + 5],
    [0.9, -12],
    [0.96, 6],
  ] as const;
  const opening = all([
    ...scalp(person, brim),
    [w * 0.87, 26, 6],
    [w * 0.62, chin - 9, 12],
    [w * 0.3, chin - 1, 16],
    [0, chin + 1.2, 17],
    [-w * 0.3, chin - 1, 16],
    [-w * 0.62, chin - 9, 12],
    [-w * 0.87, 26, 6],
  ]);
  // One path with a hole: the face shows through it.
  pen.path(`${smooth(all(outer))}Z${smooth([...opening].reverse(), true)}`, { fill });
  pen.path(smooth(opening, true), { stroke: css(scale(cloth, 0.5)), width: 1.1 * size, opacity: 0.5 });
  const folds = [
    [
      [-w - 2, 4, 0],
      [-w * 0.78, chin - 4, 8],
      [0, chin + 9, 12],
      [w * 0.5, chin + 7, 8],
    ],
    [
      [w + 3, 8, 0],
      [w * 0.78, chin + 6, 6],
      [-4, chin + 18, 8],
    ],
    [
      [-w * 0.7, -person.foreheadHeight * 0.8, 8],
      [-w - 1, -14, 2],
      [-w - 2, 20, 2],
    ],
  ] as const;
  for (const fold of folds)
    pen.path(smooth(all(fold)), { stroke: css(scale(cloth, 0.55)), width: 1 * size, opacity: 0.5 });
}
