import { philox } from "@prosopon/random";
import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { smooth } from "./drawing.ts";
import { onFace, type Point } from "./head-pose.ts";

export function paintEars({ pen, to, person, tones, size, scene }: Canvas): void {
  if (person.hair === "headscarf") return;
  for (const side of [-1, 1]) {
    const centre = to.head([side * (person.faceWidth + 0.8), 6, -3]);
    const rotation = side * -9 + scene.pose.roll;
    const [rx, ry] = [4.6 * person.earSize * size, 9.2 * person.earSize * size];
    pen.ellipse(centre, rx, ry, css(mix(tones.skin, tones.shade, 0.45)), 1, rotation);
    pen.ellipse([centre[0] + side * 0.6, centre[1]], rx * 0.55, ry * 0.62, css(tones.deep), 0.4, rotation);
    if (person.earring) pen.ellipse([centre[0], centre[1] + ry * 0.98], 1.1 * size, 1.5 * size, css([236, 204, 120]));
  }
}

/** The head's outline and the light on it. */
export function paintHead({ pen, to, person, face, tones, scene, all, size, actionUnits }: Canvas): void {
  const outline = smooth(all([...face.jaw, ...face.skull]), true);
  const { direction, strength } = scene.light;
  const lit = to.head([direction * 15, -8, 21]);
  pen.path(outline, {
    fill: pen.radial(lit, 64 * size, [
      [0, mix(tones.skin, tones.highlight, 0.25 + 0.35 * strength)],
      [0.42, tones.skin],
      [0.78, mix(tones.skin, tones.shade, 0.55)],
      [1, tones.shade],
    ]),
  });
  const [from, till] = [
    to.head([person.faceWidth * Math.sign(direction || 1), 0, 0]),
    to.head([-person.faceWidth * Math.sign(direction || 1), 10, 0]),
  ];
  const shadow = strength * Math.abs(direction) * 0.62;
  pen.path(outline, {
    fill: pen.linear(from, till, [
      [0, tones.highlight, 0.22 * shadow],
      [0.3, tones.shade, 0],
      [0.62, tones.shade, 0.3 * shadow],
      [1, tones.deep, shadow],
    ]),
  });

  const warm = actionUnits.AU12 * 0.14 + actionUnits.AU4 * 0.1;
  for (const side of [-1, 1]) {
    const cheek = to.head(onFace(side * 20, 18 - 2 * actionUnits.AU6, 1));
    pen.glow(cheek, 11 * size, 9 * size, tones.blush, 0.2 + 0.14 * person.femininity + warm);
    const bone = to.head(onFace(side * 21, 12 - 2 * actionUnits.AU6, 1));
    pen.glow(
      bone,
      9 * size,
      5 * size,
      tones.highlight,
      0.16 + 0.2 * person.cheekbones * (direction * side > 0 ? 1 : 0.4) + 0.15 * actionUnits.AU6,
      side * -18,
    );
  }
  pen.glow(to.head(onFace(direction * 7, -24)), 19 * size, 11 * size, tones.highlight, 0.32);
  pen.glow(to.head(onFace(0, face.chin - 5 + 8 * face.jawDrop, 2)), 8 * size, 4.5 * size, tones.highlight, 0.25);
  if (person.freckles > 0) paintFreckles();
  for (const [x, y] of person.moles) pen.ellipse(to.head(onFace(x, y)), 0.75 * size, 0.75 * size, css(tones.line), 0.8);

  function paintFreckles(): void {
    const random = philox(person.identity, "corpus/freckles");
    let d = "";
    for (let spot = 0; spot < 26; spot += 1) {
      const [x, y] = to.head(onFace((spot % 2 ? 1 : -1) * (3 + 22 * random.uniform()), 8 + 13 * random.uniform(), 1));
      d += `M${x.toFixed(1)} ${y.toFixed(1)}h.01`;
    }
    pen.path(d, {
      stroke: css(mix(tones.skin, [150, 84, 50], 0.6)),
      width: 1.05 * size,
      opacity: 0.6 * person.freckles,
    });
  }
}

/** Folds and wrinkles, from age and from the action units that make them. */
export function paintFolds({ pen, to, person, face, tones, actionUnits: au, size }: Canvas): void {
  const old = Math.max(0, (person.age - 32) / 48);
  const colour = css(tones.deep);
  const fold = (points: readonly (readonly [number, number])[], opacity: number, width = 0.9): void => {
    if (opacity < 0.04) return;
    pen.path(smooth(points.map(([x, y]) => to.head(onFace(x, y, 1)))), {
      stroke: colour,
      width: width * size,
      opacity: Math.min(0.85, opacity),
    });
  };
  const { mouth, nostrils } = face;
  const wing = nostrils[4]?.[1] ?? 20;
  for (const side of [-1, 1] as const) {
    const smile = Math.min(1, au.AU12 + (side === 1 ? au.L12 : au.R12));
    const dimple = Math.min(1, au.AU14 + (side === 1 ? au.L14 : au.R14));
    const corner = mouth.x(side);
    const cornerY = mouth.upperInner(side);
    const nasolabial = 0.2 * old + 0.34 * smile + 0.42 * au.AU10 + 0.32 * au.AU9 + 0.1 * au.AU15;
    // From the nostril's wing past the corner of the mouth, bowed outwards.
    const start = [side * (person.noseWidth + 0.4), wing - 1.6 - 0.8 * au.AU9] as const;
    const end = [corner + side * (3.2 + 0.6 * smile), Math.max(cornerY + 1.2 - 1.5 * au.AU15, wing + 4.5)] as const;
    const bow = [
      start[0] + 0.62 * (end[0] - start[0]) + side * (0.9 + 0.8 * smile),
      start[1] + 0.36 * (end[1] - start[1]),
    ] as const;
    fold([start, bow, end], 0.22 * nasolabial, 2.6);
    fold([start, bow, end], 0.85 * nasolabial, 0.8);
    if (dimple > 0.1)
      fold(
        [
          [corner + side * 2.4, cornerY - 2.4],
          [corner + side * 3.3, cornerY],
          [corner + side * 2.5, cornerY + 2.4],
        ],
        0.8 * dimple,
        1.2,
      );
    fold(
      [
        [corner + side * 1.2, cornerY + 1.4],
        [corner + side * 2.4, cornerY + 5],
      ],
      0.55 * au.AU15 + 0.2 * old,
      1,
    );
    const lid = face.eyes[side === -1 ? 0 : 1];
    const outer = lid.x + side * lid.width;
    const crow = 0.3 * old + 0.5 * au.AU6;
    fold(
      [
        [outer + side * 2, 0.6],
        [outer + side * 5.5, -1.6],
      ],
      crow,
      0.7,
    );
    fold(
      [
        [outer + side * 2, 2],
        [outer + side * 5.8, 2.4],
      ],
      crow,
      0.7,
    );
    const bag = lid.lower(0) + 2.4;
    fold(
      [
        [lid.x - lid.width * 0.8, bag - 1.2],
        [lid.x, bag + 0.7 - 0.8 * au.AU6],
        [lid.x + lid.width * 0.8, bag - 1.2],
      ],
      0.12 + 0.25 * old + 0.3 * au.AU6 + 0.2 * au.AU7,
      0.8,
    );
    fold(
      [
        [side * (2.4 - 0.6 * au.AU4), -9.5],
        [side * (2.1 - 0.6 * au.AU4), -4.5],
      ],
      0.1 * old + 0.75 * au.AU4 * (1 - 0.4 * au.AU1) + 0.25 * au.AU9,
      1,
    );
    fold(
      [
        [side * 1.8, 1],
        [side * 4.6, 3.6],
      ],
      0.5 * au.AU9,
      0.9,
    );
    fold(
      [
        [side * 2, 4],
        [side * 5, 7.2],
      ],
      0.42 * au.AU9,
      0.9,
    );
  }
  fold(
    [
      [-3.4, -1.5],
      [0, -0.6],
      [3.4, -1.5],
    ],
    0.75 * au.AU9,
    0.9,
  );
  const brow = person.browHeight;
  const furrow = 0.24 * old + 0.5 * au.AU1 + 0.2 * au.AU2;
  const reach = 9 + 9 * Math.max(au.AU2, old);
  const bend = 1.5 * au.AU1 * (1 - au.AU2);
  for (const lift of [8.5, 12.5])
    fold(
      [
        [-reach, brow - lift + bend],
        [0, brow - lift - 1 - bend],
        [reach, brow - lift + bend],
      ],
      furrow * (lift > 10 ? 0.75 : 1),
      0.8,
    );
  const chin = face.chin - 7 + 8 * face.jawDrop;
  fold(
    [
      [-5.5, chin + 1],
      [0, chin - 1],
      [5.5, chin + 1],
    ],
    0.12 + 0.5 * au.AU17,
    1,
  );
  const under: Point = to.head(onFace(0, mouth.lowerOuter(0) + 2.2, 2));
  pen.glow(under, 9 * size, 2.6 * size, scale(tones.shade, 0.9), 0.5);
}
