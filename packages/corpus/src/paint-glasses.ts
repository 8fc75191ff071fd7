import type { Canvas } from "./canvas.ts";
import { css } from "./colour.ts";
import { smooth } from "./drawing.ts";
import type { FacePoint, Point } from "./head-pose.ts";

export function paintGlasses({ pen, to, person, all, size }: Canvas): void {
  const { glasses } = person;
  if (glasses === "none") return;
  const colour = css(person.glassesColour);
  const z = 24.5;
  const [w, h] = glasses === "round" ? [11, 10.2] : glasses === "square" ? [11.8, 8.6] : [11.6, 8];
  const power = glasses === "round" ? 1 : 0.55;
  const width = (glasses === "half" ? 0.8 : 1.5) * size;
  for (const side of [-1, 1]) {
    const cx = side * person.eyeDistance;
    const lens = Array.from({ length: 16 }, (_, step): FacePoint => {
      const angle = (step / 16) * 2 * Math.PI;
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const x = cx + w * Math.sign(cos) * Math.abs(cos) ** power;
      return [x, 1.2 + h * Math.sign(sin) * Math.abs(sin) ** power, z - 0.013 * x * x];
    });
    const d = smooth(all(lens), true);
    pen.path(d, { fill: "#dfeaf2", opacity: 0.13 });
    pen.path(d, { stroke: colour, width });
    if (glasses === "half")
      pen.path(
        smooth(
          all([
            [cx - w, -1, z],
            [cx - w * 0.8, -h + 0.6, z],
            [cx, -h + 0.9, z],
            [cx + w * 0.8, -h + 0.6, z],
            [cx + w, -1, z - 3],
          ]),
        ),
        { stroke: colour, width: 2.1 * size },
      );
    const hinge: FacePoint = [cx + side * w, -1.5, z - 0.013 * (cx + side * w) ** 2];
    pen.path(smooth(all([hinge, [side * (person.faceWidth + 0.5), -1, 2]])), { stroke: colour, width: width * 0.9 });
    const shine: Point[] = all([
      [cx - 5, 5, z],
      [cx + 1, -5, z],
    ]);
    pen.path(smooth(shine), { stroke: "#fff", width: 1.6 * size, opacity: 0.16 });
  }
  const inner = person.eyeDistance - w;
  pen.path(smooth([to.head([-inner, -0.5, z]), to.head([0, -2, z + 2]), to.head([inner, -0.5, z])]), {
    stroke: colour,
    width,
  });
}
