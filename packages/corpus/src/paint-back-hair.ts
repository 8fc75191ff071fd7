import { philox } from "@prosopon/random";
import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { smooth } from "./drawing.ts";
import { cloud, dome } from "./hair-shapes.ts";
import type { FacePoint } from "./head-pose.ts";

/** Everything behind the head. */
export function paintBackHair({ pen, person, face, all, to, size }: Canvas): void {
  const { hair, hairVolume: v, parting } = person;
  const random = philox(person.identity, "corpus/back-hair");
  const dark = scale(person.hairColour, 0.6);
  const w = person.faceWidth;
  if (hair === "afro" || hair === "curly") {
    const mass = hair === "afro" ? cloud(person, 13 * v, 0.75, 1.5, random) : cloud(person, 4.5 * v, 0.5, 1.5, random);
    pen.path(smooth(all(mass), true), { fill: css(scale(person.hairColour, 0.72)) });
  } else if (hair === "locs") {
    let d = "";
    for (let lock = 0; lock <= 18; lock += 1) {
      const x = (w + 9) * (lock / 9 - 1);
      const end = 40 + 17 * random.uniform();
      d += smooth(
        all([
          [x * 0.8, -24, -4],
          [x, 0, -4],
          [x * 1.02, end * 0.6, -4],
          [x, end, -4],
        ]),
      );
    }
    pen.path(d, { stroke: css(scale(dark, 0.8)), width: 4.6 * size });
  } else if (hair === "bob" || hair === "long" || hair === "wavy") {
    const length = hair === "bob" ? 36 + 8 * v : 84;
    const rim = 3.6 + 3 * v;
    const wave = hair === "wavy" ? 2.2 : 0;
    const down = (side: number): FacePoint[] =>
      [0.15, 0.35, 0.55, 0.75, 0.94, 1].map((part, index) => {
        const swing = (hair === "bob" ? 1.5 : 4.5) * Math.sin((Math.PI * part) / 2) ** 2;
        const x = w + rim + swing + wave * (index % 2 ? 1 : -0.3) - (part === 1 ? 6 : 0);
        return [side * x, 4 + part * (length - 4), -4];
      });
    const outline = [...down(-1).reverse(), ...dome(person, 5 * v, rim, 0).slice(1, -1), ...down(1)];
    const [[, y0], [, y1]] = [to.head([0, 0, 0]), to.head([0, length, 0])];
    const fill = pen.linear(
      [64, y0],
      [64, y1],
      [
        [0, scale(dark, 0.8)],
        [1, mix(dark, person.hairColour, 0.5)],
      ],
    );
    pen.path(smooth(all(outline), true), { fill });
  } else if (hair === "bun") {
    const centre = to.head([0, -person.foreheadHeight - 6, -8]);
    pen.ellipse(centre, 13 * size, 10 * size, css(scale(person.hairColour, 0.8)));
    pen.glow([centre[0] - 2, centre[1] - 2], 9 * size, 6 * size, mix(person.hairColour, [255, 255, 255], 0.2), 0.5);
  } else if (hair === "ponytail") {
    const tail = [
      [-8, -30],
      [8, -24],
      [15, -4],
      [14, 26],
      [8, 50],
      [0, 72],
      [-7, 58],
      [-2, 20],
    ] as const;
    const points = tail.map(([x, y]): FacePoint => [parting * (w + x), y, -6]);
    pen.path(smooth(all(points), true), { fill: css(scale(person.hairColour, 0.78)) });
    const shine = [
      [6, -16],
      [10, 8],
      [6, 40],
    ] as const;
    pen.path(smooth(all(shine.map(([x, y]): FacePoint => [parting * (w + x), y, -6]))), {
      stroke: css(mix(person.hairColour, [255, 240, 220], 0.25)),
      width: 2 * size,
      opacity: 0.35,
    });
  } else if (hair === "headscarf") {
    const chin = face.chin;
    const shape: FacePoint[] = [
      [-w - 6, 84, -4],
      [-w + 3, chin, -4],
      [-w + 3, 10, -4],
      [w - 3, 10, -4],
      [w - 3, chin, -4],
      [w + 6, 84, -4],
    ];
    pen.path(`${smooth(all(shape))}Z`, { fill: css(scale(person.accentColour, 0.5)) });
  }
}
