import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { polygon, smooth } from "./drawing.ts";
import type { Point } from "./head-pose.ts";

/** Neck, shoulders and clothes. */
export function paintBody({ pen, to, person, face, tones, size, all }: Canvas): void {
  const b = (points: readonly Point[]): Point[] => points.map(([x, y]) => to.body(x, y));
  const neck = person.faceWidth * (0.56 - 0.07 * person.femininity);
  const s = person.shoulders;
  const [chin, top] = [face.chin, face.chin - 20];
  // The neck hangs between the turned head and the fixed shoulders.
  const [left, right] = all([
    [-neck * 0.95, top, 0],
    [neck * 0.95, top, 0],
  ]);
  const neckPath = smooth(
    [
      left as Point,
      ...b([
        [-neck, chin + 2],
        [-neck - 1.5, chin + 8],
        [-neck - 14, chin + 15],
        [-neck - 14, 96],
        [neck + 14, 96],
        [neck + 14, chin + 15],
        [neck + 1.5, chin + 8],
        [neck, chin + 2],
      ]),
      right as Point,
    ],
    true,
  );
  const [, y0] = to.body(0, chin - 4);
  const [, y1] = to.body(0, chin + 14);
  pen.path(neckPath, {
    fill: pen.linear(
      [0, y0],
      [0, y1],
      [
        [0, tones.deep],
        [0.35, mix(tones.shade, tones.deep, 0.35)],
        [1, mix(tones.skin, tones.shade, 0.4)],
      ],
    ),
  });

  const cloth = person.clothesColour;
  const dark = scale(cloth, 0.66);
  const [lx, ly] = to.body(-s, 50);
  const [rx, ry] = to.body(s, 80);
  const fabric = pen.linear(
    [lx, ly],
    [rx, ry],
    [
      [0, mix(cloth, [255, 255, 255], 0.12)],
      [0.5, cloth],
      [1, dark],
    ],
  );
  const shoulder = chin + 15;
  const torso = (collar: readonly Point[]): string =>
    polygon(
      b([
        [-s - 14, 110],
        [-s - 8, shoulder + 9],
        [-s + 4, shoulder + 3],
      ]),
    ).replace("Z", "") +
    smooth(b([[-s + 4, shoulder + 3], ...collar, [s - 4, shoulder + 3]])).replace("M", "L") +
    polygon(
      b([
        [s - 4, shoulder + 3],
        [s + 8, shoulder + 9],
        [s + 14, 110],
      ]),
    ).replace("M", "L");
  const edge = { stroke: css(scale(cloth, 0.5)), width: 0.7 * size, opacity: 0.6 };
  const round: Point[] = [
    [-neck - 9, chin + 9],
    [-neck - 4, chin + 7.5],
    [-neck * 0.7, chin + 13],
    [0, chin + 16.5],
    [neck * 0.7, chin + 13],
    [neck + 4, chin + 7.5],
    [neck + 9, chin + 9],
  ];
  const vee: Point[] = [
    [-neck - 9, chin + 9],
    [-neck - 3, chin + 7],
    [-neck * 0.45, chin + 16],
    [0, chin + 25],
    [neck * 0.45, chin + 16],
    [neck + 3, chin + 7],
    [neck + 9, chin + 9],
  ];
  const accent = person.accentColour;
  switch (person.clothes) {
    case "tee":
      pen.path(torso(round), { fill: fabric });
      pen.path(smooth(b(round.slice(1, -1))), { stroke: css(dark), width: 1.6 * size });
      break;
    case "v-neck":
      pen.path(torso(vee), { fill: fabric });
      pen.path(smooth(b(vee.slice(1, -1))), { stroke: css(accent), width: 1.4 * size });
      break;
    case "turtleneck":
      pen.path(torso(round), { fill: fabric });
      pen.path(
        smooth(
          b([
            [-neck - 1, chin + 1],
            [-neck - 3, chin + 14],
            [0, chin + 18],
            [neck + 3, chin + 14],
            [neck + 1, chin + 1],
            [0, chin + 6.5],
          ]),
          true,
        ),
        { fill: fabric },
      );
      pen.path(
        smooth(
          b([
            [-neck - 2.6, chin + 12],
            [0, chin + 17],
            [neck + 2.6, chin + 12],
          ]),
        ),
        edge,
      );
      break;
    case "hoodie":
      pen.path(
        smooth(
          b([
            [-neck - 13, chin + 18],
            [-neck - 9, chin + 3],
            [-neck + 2, chin - 2],
            [neck - 2, chin - 2],
            [neck + 9, chin + 3],
            [neck + 13, chin + 18],
          ]),
          true,
        ),
        { fill: css(scale(cloth, 0.5)) },
      );
      pen.path(torso(vee), { fill: fabric });
      pen.path(
        smooth(
          b([
            [-neck - 10, chin + 10],
            [-neck - 5, chin + 7],
            [-neck * 0.5, chin + 15],
            [-2, chin + 22],
          ]),
        ),
        { stroke: css(dark), width: 4 * size },
      );
      pen.path(
        smooth(
          b([
            [neck + 10, chin + 10],
            [neck + 5, chin + 7],
            [neck * 0.5, chin + 15],
            [2, chin + 22],
          ]),
        ),
        { stroke: css(dark), width: 4 * size },
      );
      break;
    case "shirt":
      pen.path(torso(round), { fill: fabric });
      for (const side of [-1, 1]) {
        pen.path(
          polygon(
            b([
              [side * (neck + 2), chin + 4],
              [side * (neck + 7), chin + 11],
              [side * 7, chin + 21],
              [0, chin + 14],
            ]),
          ),
          { fill: css(mix(cloth, [255, 255, 255], 0.3)) },
        );
      }
      pen.path(
        polygon(
          b([
            [0, chin + 14],
            [0, 100],
          ]),
        ),
        edge,
      );
      break;
    default:
      pen.path(torso(round), { fill: css(accent) });
      for (const side of [-1, 1]) {
        pen.path(
          polygon(
            b([
              [side * (neck + 6), chin + 8],
              [side * (s - 4), shoulder + 3],
              [side * (s + 8), shoulder + 9],
              [side * (s + 14), 112],
              [side, 112],
              [side * 4, chin + 34],
            ]),
          ),
          { fill: fabric },
        );
        pen.path(
          polygon(
            b([
              [side * (neck + 6), chin + 8],
              [side * (neck + 12), chin + 20],
              [side * (neck + 4), chin + 23],
              [side * 4, chin + 36],
            ]),
          ),
          { fill: css(dark) },
        );
      }
  }
}
