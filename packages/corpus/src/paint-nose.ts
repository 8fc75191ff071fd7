import type { Canvas } from "./canvas.ts";
import { css, mix } from "./colour.ts";
import { between, smooth } from "./drawing.ts";
import type { FacePoint, Point } from "./head-pose.ts";

export function paintNose({ pen, to, person, face, tones, scene, all, size }: Canvas): void {
  const { bridge, nostrils } = face;
  const tip = bridge[3] as FacePoint;
  const base = nostrils[2] as FacePoint;
  const w = person.noseWidth;
  const far = scene.light.direction >= 0 ? -1 : 1;
  const { strength } = scene.light;
  const ridge = all(bridge);
  // The unlit flank, from the ridge, which carries the landmarks, to the cheek.
  const flank = all([
    [far * 5.2, -4, 20],
    [far * 3.6, 4, 23],
    [far * (w * 0.72), tip[1] - 3, 24],
    [far * w, tip[1] + 1.5, 23],
  ]);
  pen.path(between(ridge, flank), {
    fill: pen.linear(to.head([far * 0.5, 8, 28]), to.head([far * w * 0.9, 8, 23]), [
      [0, tones.shade, 0.12],
      [0.35, tones.shade, 0.45 + 0.35 * strength],
      [1, tones.shade, 0.05],
    ]),
  });
  pen.glow(to.head([0, tip[1] + 1.6, tip[2] - 2]), (w + 1) * size, 4.6 * size, tones.blush, 0.2);
  pen.glow(to.head([-far * 0.7, tip[1] - 6, tip[2]]), 1.7 * size, 9 * size, tones.highlight, 0.4, scene.pose.roll);
  pen.glow(to.head([-far * 0.9, tip[1] - 0.2, tip[2] + 1]), 2.8 * size, 2.2 * size, tones.highlight, 0.65);
  // Underside: from the base contour, which carries landmarks 31 to 35, up to the tip's lower edge.
  const contour = all(nostrils);
  const above: Point[] = all(
    nostrils.map(([x, y, z], index): FacePoint => [x, y - [0, 1.5, 1.1, 1.5, 0][index]!, z + 1]),
  );
  pen.path(between(above, contour), { fill: css(tones.deep), opacity: 0.55 });
  for (const side of [-1, 1]) {
    const hole = to.head([side * w * 0.46, base[1] - 1.05, base[2] - 3]);
    pen.ellipse(
      hole,
      1.75 * size * (w / 7),
      0.95 * size,
      css(mix(tones.line, [20, 6, 6], 0.4)),
      0.85,
      side * -14 + scene.pose.roll,
    );
    const [x, y, z] = nostrils[side === -1 ? 0 : 4] as FacePoint;
    pen.path(
      smooth(
        all([
          [x, y, z],
          [x + side * w * 0.2, y - 1.8, z - 1],
          [x + side * w * 0.17, y - 4, z - 1.5],
          [x - side * 0.2, y - 5.6, z - 0.5],
        ]),
      ),
      { stroke: css(tones.deep), width: 0.85 * size, opacity: 0.5 },
    );
  }
}
