import type { Canvas } from "./canvas.ts";
import { type Colour, css, mix, scale } from "./colour.ts";
import { between, polygon, smooth } from "./drawing.ts";
import { onFace, type Point } from "./head-pose.ts";
import { innerMouth } from "./mouth-geometry.ts";

// The landmark places are among them, so that the drawn splines pass through the landmarks.
const outer = [-1, -0.8, -0.6, -0.42, -0.24, -0.1, 0, 0.1, 0.24, 0.42, 0.6, 0.8, 1] as const;
const outerLower = [-1, -0.82, -0.62, -0.3, 0, 0.3, 0.62, 0.82, 1] as const;
const inner = [-1, -0.93, -0.75, -0.36 / innerMouth, -0.2, 0, 0.2, 0.36 / innerMouth, 0.75, 0.93, 1].map(
  (place) => place * innerMouth,
);

export function paintMouth({ pen, to, person, face, tones, size, scene }: Canvas): void {
  const { mouth } = face;
  const at = (place: number, y: number, lift = mouth.lift): Point => to.head(onFace(mouth.x(place), y, lift));
  const curve = (at_: readonly number[], height: (place: number) => number): Point[] =>
    at_.map((place) => at(place, height(place)));
  const upperInner = curve(inner, mouth.upperInner);
  const lowerInner = curve(inner, mouth.lowerInner);
  const ends: readonly [Point, Point] = [at(-1, mouth.upperInner(-1)), at(1, mouth.upperInner(1))];
  const open = mouth.gap > 0.35;

  if (open) paintInside();
  const shade = scene.light.direction * 3;
  const [left, top] = at(0, mouth.upperOuter(0));
  const [, bottom] = at(0, mouth.lowerOuter(0));
  const lips = person.lips;
  const upperPaint = pen.linear(
    [left + shade, top],
    [left - shade, at(0, mouth.upperInner(0))[1]],
    [
      [0, mix(lips, tones.skin, 0.22)],
      [1, scale(lips, 0.74)],
    ],
  );
  pen.path(between(curve(outer, mouth.upperOuter), [ends[0], ...upperInner, ends[1]]), { fill: upperPaint });
  const lowerTop = at(0, mouth.lowerInner(0))[1];
  const lowerPaint = pen.linear(
    [left, lowerTop],
    [left, Math.max(bottom, lowerTop + 0.5)],
    [
      [0, scale(lips, 0.86)],
      [0.4, mix(lips, [255, 235, 225], 0.2)],
      [1, scale(mix(lips, tones.skin, 0.2), 0.88)],
    ],
  );
  pen.path(between([ends[0], ...lowerInner, ends[1]], curve(outerLower, mouth.lowerOuter)), { fill: lowerPaint });
  const gloss = at(0, mouth.lowerInner(0) + 0.45 * (mouth.lowerOuter(0) - mouth.lowerInner(0)));
  pen.glow([gloss[0] + shade * 0.5, gloss[1]], 4.5 * size, 1 * size, [255, 244, 238], 0.22 + 0.35 * person.femininity);
  const seam = css(mix(scale(lips, 0.3), [40, 10, 12], 0.4));
  if (!open) pen.path(smooth([ends[0], ...upperInner, ends[1]]), { stroke: seam, width: 0.95 * size, opacity: 0.85 });
  for (const end of ends) pen.ellipse(end, 0.8 * size, 0.6 * size, seam, 0.4);

  function paintInside(): void {
    const cavity = between(upperInner, lowerInner);
    const [x, y0] = at(0, mouth.upperInner(0));
    const [, y1] = at(0, mouth.lowerInner(0));
    pen.path(cavity, {
      fill: pen.linear(
        [x, y0],
        [x, Math.max(y1, y0 + 0.5)],
        [
          [0, [52, 12, 16]],
          [0.5, [74, 20, 24]],
          [1, [110, 38, 40]],
        ],
      ),
      stroke: "#2a090c",
      width: 0.5 * size,
    });
    if (mouth.gap > 3 || mouth.tongue > 0) paintTongue([196, 88, 88]);
    const reach = inner.filter((place) => Math.abs(place) < innerMouth * 0.94);
    const teeth = (upper: (place: number) => number, lower: (place: number) => number, colour: Colour): void => {
      const [a, b] = [
        reach.map((place) => at(place, upper(place), 1)),
        reach.map((place) => at(place, Math.max(upper(place), lower(place)), 1)),
      ];
      if (Math.max(...a.map((point, index) => (b[index]?.[1] ?? 0) - point[1])) > 0.35)
        pen.path(between(a, b), { fill: css(colour) });
    };
    const { upperInner: roof, lowerInner: floor } = mouth;
    teeth((place) => Math.min(floor(place), Math.max(roof(place), mouth.lowerTeeth(place))), floor, [226, 220, 208]);
    teeth(roof, (place) => Math.min(floor(place), mouth.upperTeeth(place)), [248, 245, 238]);
    // Gaps between the teeth, and the upper lip's shadow on them.
    let gaps = "";
    for (const place of [-0.62, -0.42, -0.21, 0, 0.21, 0.42, 0.62]) {
      const [from, till] = [roof(place), Math.min(floor(place), mouth.upperTeeth(place))];
      if (till - from > 1) gaps += smooth([at(place, from, 1), at(place, till, 1)]);
    }
    if (gaps) pen.path(gaps, { stroke: "#8a7f78", width: 0.3 * size, opacity: 0.35 });
    pen.path(smooth(upperInner), { stroke: "#2a0f10", width: 0.9 * size, opacity: 0.4 });
  }

  function paintTongue(colour: Colour): void {
    const points: Point[] = [];
    const reach = 0.62;
    const height = 0.42 * mouth.gap * (1 + mouth.tongue);
    for (let step = 0; step < 16; step += 1) {
      const angle = (step / 16) * 2 * Math.PI;
      const place = reach * Math.cos(angle);
      const y = mouth.lowerInner(0) + 0.6 + height * Math.sin(angle) - 1.2 * mouth.tongue;
      points.push(at(place, Math.max(mouth.upperInner(place), Math.min(mouth.lowerInner(place), y)), 0));
    }
    pen.path(polygon(points), { fill: css(colour), opacity: 0.9 });
  }
}
