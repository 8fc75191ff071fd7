import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { between, polygon, smooth } from "./drawing.ts";
import type { EyeGeometry } from "./eye-geometry.ts";
import { onFace, type Point } from "./head-pose.ts";

const places = [-1, -0.86, -0.62, -0.36, 0, 0.36, 0.62, 0.86, 1] as const;

export function paintEyes(canvas: Canvas): void {
  for (const eye of canvas.face.eyes) paintEye(canvas, eye);
}

function paintEye({ pen, to, person, tones, scene, size, actionUnits: au }: Canvas, eye: EyeGeometry): void {
  const at = (x: number, y: number, lift = -1): Point => to.head(onFace(x, y, lift));
  const curve = (height: (place: number) => number, shift = 0, lift = -1): Point[] =>
    places.map((place) => at(eye.x + place * eye.width, height(place) + shift, lift));
  const upper = curve(eye.upper);
  const lower = curve(eye.lower);
  // The socket: a soft shadow, deeper towards the nose.
  pen.glow(at(eye.x - eye.side * 2, -3), (eye.width + 5) * size, 7.5 * size, tones.shade, 0.5);
  pen.glow(at(eye.x - eye.side * (eye.width + 1.5), -1), 4.5 * size, 6 * size, tones.deep, 0.22);

  const crease = person.monolid > 0.6 ? 0.15 : 0.55;
  const lidShade = mix(tones.skin, tones.shade, 0.75);
  pen.path(
    between(
      curve((place) => Math.min(eye.upper(place) - 2.1 * (1 - place * place), eye.upper(place))),
      upper,
    ),
    { fill: css(lidShade), opacity: 0.7 },
  );
  if (eye.open > 0.06) paintBall();
  pen.path(smooth(curve((place) => eye.upper(place) - (2.1 - 0.7 * person.monolid) * (1 - place * place) - 0.3)), {
    stroke: css(tones.deep),
    width: 0.75 * size,
    opacity: crease,
  });
  // Upper lashes: a band that grows towards the outer corner.
  const dark = mix(scale(person.hairColour, 0.35), [24, 16, 16], 0.6);
  const thickness = 0.9 + 0.75 * person.lashes;
  const band = curve(
    (place) => eye.upper(place) - thickness * (0.45 + 0.35 * (1 - place * place) + 0.3 * place * eye.side) * 0.9,
    0,
    -0.8,
  );
  pen.path(between(band, upper), { fill: css(dark), stroke: css(dark), width: 0.35 * size });
  if (person.lashes > 0.45) {
    const [x, y] = [eye.x + eye.side * eye.width, eye.upper(eye.side)];
    const wing = [
      at(x - eye.side * 2.4, eye.upper(eye.side * 0.72) - 0.7),
      at(x + eye.side * 1.9 * person.lashes, y - 2 * person.lashes),
      at(x, y + 0.2),
    ];
    pen.path(polygon(wing), { fill: css(dark) });
  }
  pen.path(smooth(lower), { stroke: css(mix(tones.deep, dark, 0.4)), width: 0.5 * size, opacity: 0.65 });

  function paintBall(): void {
    const white = mix([250, 248, 244], tones.skin, 0.05);
    const [top, bottom] = [eye.upper(0), eye.lower(0)];
    pen.path(between(upper, lower), {
      fill: pen.linear(at(eye.x, top), at(eye.x, bottom), [
        [0, scale(white, 0.7)],
        [0.4, white],
        [1, scale(white, 0.92)],
      ]),
    });
    const radius = person.irisSize * (0.98 + 0.02 * au.AU5);
    const cx = eye.x + scene.gaze.x * 3.1;
    const cy = -0.75 + scene.gaze.y * 2.1;
    // A disc cut by the lids: each rim point slides along its column to the lid that covers it. No clip path needed.
    const disc = (x: number, y: number, r: number): string => {
      const points: Point[] = [];
      for (let step = 0; step < 20; step += 1) {
        const angle = (step / 20) * 2 * Math.PI;
        const px = Math.max(eye.x - eye.width, Math.min(eye.x + eye.width, x + r * Math.cos(angle)));
        const place = (px - eye.x) / eye.width;
        points.push(at(px, Math.max(eye.upper(place), Math.min(eye.lower(place), y + r * Math.sin(angle)))));
      }
      return polygon(points);
    };
    const middle = at(cx, cy);
    const iris = person.iris;
    pen.path(disc(cx, cy, radius), {
      fill: pen.radial(middle, radius * size, [
        [0, mix(iris, [255, 230, 180], 0.25)],
        [0.6, iris],
        [0.86, scale(iris, 0.7)],
        [1, scale(iris, 0.35)],
      ]),
    });
    pen.path(disc(cx, cy, radius * (0.44 + 0.06 * au.AU5)), { fill: "#0d0a0c" });
    // The upper lid's shadow on the ball.
    const shade = places.map((place) =>
      at(
        eye.x + place * eye.width,
        Math.min(eye.lower(place), eye.upper(place) + 1.3 * (1 - place * place) * Math.min(1, eye.open)),
      ),
    );
    pen.path(between(upper, shade), { fill: "#2a1714", opacity: 0.28 });
    const spark = scene.light.direction < 0 ? -1.35 : 1.35;
    pen.path(disc(cx + spark, cy - 1.5, 1.05), { fill: "#fff", opacity: 0.92 });
    pen.path(disc(cx - spark, cy + 1.7, 0.65), { fill: "#fff", opacity: 0.35 });
    const tear = at(eye.x - eye.side * (eye.width - 0.9), eye.lower(-eye.side * 0.9) - 0.3);
    pen.ellipse(tear, 0.75 * size, 0.6 * size, css(mix(tones.blush, [255, 200, 190], 0.4)), 0.8);
  }
}
