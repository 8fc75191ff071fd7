import type { Canvas } from "./canvas.ts";
import { type Colour, css } from "./colour.ts";
import { between, smooth } from "./drawing.ts";
import { along, dome, lerp, scalp, sweptHairline } from "./hair-shapes.ts";
import type { FacePoint } from "./head-pose.ts";

/** How a head of hair is coloured, and how high its hairline stands. */
export interface HairColours {
  readonly fill: string;
  readonly lit: Colour;
  readonly dark: Colour;
  readonly highest: number;
}

/** Bob, long and wavy hair: curtains beside the face under one crown. */
export function paintLongHair({ pen, person, all, size }: Canvas, { fill, lit, dark, highest }: HairColours): void {
  const { hair, hairVolume: v, parting, faceWidth: w, browHeight: brow } = person;
  const top = -person.foreheadHeight;
  const end = hair === "bob" ? 33 + 8 * v : 80;
  const bangs = hair === "bob" && parting === 1;
  const height = highest - 1;
  const low = brow - 4.5;
  const middle = bangs
    ? scalp(person, [
        [-0.9, low + 4],
        [-0.5, low + 1],
        [0, low],
        [0.5, low + 1],
        [0.9, low + 4],
      ])
    : hair === "wavy"
      ? sweptHairline(person, 4, height, 9).slice(1, -1)
      : scalp(person, [
          [-0.88, height + 15],
          [-0.66, height + 5],
          [-0.3, height - 2],
          [0, height - 5],
          [0.3, height - 2],
          [0.66, height + 5],
          [0.88, height + 15],
        ]);
  const wave = hair === "wavy" ? 1.3 : 0;
  const inside = (side: number): FacePoint[] =>
    [1, 0.75, 0.5, 0.25, 0.04].map((part, index): FacePoint => {
      const tuck = hair === "bob" ? 6.5 * part ** 3 : 0;
      return [side * (w - 1 - 3 * part * (1 - part) * 2 - tuck + wave * (index % 2 ? 1 : -1)), part * end, 3];
    });
  const outside = (side: number): FacePoint[] =>
    [1, 0.75, 0.5, 0.25].map((part, index): FacePoint => {
      const tuck = hair === "bob" ? 7 * part ** 4 : 0;
      return [
        side * (w + 4 + 2.6 * v + 5 * part * (1 - part) - tuck + wave * (index % 2 ? 1 : -1)),
        part * end + 1,
        -2,
      ];
    });
  const crown = dome(person, 5 * v, 3.4 + 2.4 * v, 2).slice(1, -1);
  const outer = [...outside(-1), ...crown, ...outside(1).reverse()];
  pen.path(between(all(outer), all([...inside(-1), ...middle, ...inside(1).reverse()])), { fill });
  const root: FacePoint = [bangs ? 0 : hair === "wavy" ? -parting * 12 : 0, top - 3 * v, 6];
  let [deep, bright] = ["", ""];
  for (const side of [-1, 1]) {
    for (let strand = 0; strand < 6; strand += 1) {
      const amount = 0.16 + 0.15 * strand;
      const [inner, rim] = [inside(side).reverse(), outside(side).reverse()];
      const down = [0.05, 0.35, 0.7, 0.97].map((share) => lerp(along(inner, share), along(rim, share), amount));
      const temple: FacePoint = [side * (w * (0.84 + 0.2 * amount)), top * (0.42 + 0.25 * amount), 8];
      const d = smooth(all([root, temple, ...down]));
      if (strand % 2) bright += d;
      else deep += d;
    }
  }
  for (let strand = 1; bangs && strand < 10; strand += 1) {
    const share = strand / 10;
    const tip = along(middle, share);
    const arch = lerp(along(crown, 0.2 + 0.6 * share), tip, 0.35);
    deep += smooth(all([lerp(root, arch, 0.12), [arch[0], arch[1], 14], lerp(tip, arch, 0.08)]));
  }
  pen.path(deep, { stroke: css(dark), width: 0.65 * size, opacity: 0.45 });
  pen.path(bright, { stroke: css(lit), width: 1 * size, opacity: 0.3 });
}
