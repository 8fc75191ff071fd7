import { philox } from "@prosopon/random";
import type { Canvas } from "./canvas.ts";
import { css, mix, scale } from "./colour.ts";
import { between, smooth } from "./drawing.ts";
import { along, cloud, dome, evenHairline, lerp, scalp, sweptHairline } from "./hair-shapes.ts";
import type { FacePoint } from "./head-pose.ts";
import { paintLongHair } from "./paint-long-hair.ts";
import { paintScarf } from "./paint-scarf.ts";

/** Hair over the forehead and the sides. */
export function paintHair(canvas: Canvas): void {
  const { pen, person, all, scene, size, to } = canvas;
  const { hair, hairVolume: v, parting } = person;
  const random = philox(person.identity, "corpus/front-hair");
  const top = -person.foreheadHeight;
  const w = person.faceWidth;
  const light = scene.light.direction;
  const [from, till] = [to.head([light * 40, top - 6, 0]), to.head([light * -40, 8, 0])];
  if (hair === "bald") {
    pen.glow(to.head([light * 14, top + 9, 14]), 13 * size, 7 * size, [255, 250, 240], 0.34, light * 20);
    return;
  }
  if (hair === "headscarf") {
    paintScarf(canvas, from, till);
    return;
  }

  const base = person.hairColour;
  const [lit, dark] = [mix(base, [255, 236, 210], 0.22), scale(base, 0.55)];
  const fill = pen.linear(from, till, [
    [0, lit],
    [0.4, base],
    [1, scale(base, 0.66)],
  ]);
  const brow = person.browHeight;
  const highest = Math.min(brow - 12, top * 0.66);

  /** Fills between outline and hairline and combs strands from the one to the other, gathered towards `root` on the crown. */
  const cap = (
    outer: readonly FacePoint[],
    hairline: readonly FacePoint[],
    root: number,
    gather = 0.55,
    count = 15,
  ): void => {
    pen.path(between(all(outer), all(hairline)), { fill });
    let [deep, bright] = ["", ""];
    for (let strand = 1; strand < count; strand += 1) {
      const share = strand / count + (random.uniform() - 0.5) * 0.03;
      const start = along(outer, root + (share - root) * (1 - gather));
      const end = along(hairline, share);
      const [x, y, z] = lerp(start, end, 0.5);
      const bulge = lerp([x, y, z + 6], along(outer, share), 0.25 + 0.4 * gather);
      const d = smooth(all([start, bulge, lerp(end, start, 0.02 + 0.1 * random.uniform())]));
      if (strand % 3 === 0) bright += d;
      else deep += d;
    }
    pen.path(deep, { stroke: css(dark), width: 0.6 * size, opacity: 0.42 });
    pen.path(bright, { stroke: css(lit), width: 0.9 * size, opacity: 0.32 });
    shine();
  };
  const shine = (): void => {
    const centre = to.head([light * 15, top + 5, 16]);
    pen.glow(centre, 19 * size, 5.5 * size, mix(base, [255, 246, 230], 0.55), 0.42, light * 14);
  };
  const rooted = 0.5 - 0.13 * parting;

  switch (hair) {
    case "buzz":
      pen.path(between(all(dome(person, 1.2, 0.7, 2)), all(evenHairline(person, 2, highest))), { fill, opacity: 0.84 });
      shine();
      break;
    case "receding": {
      for (const side of [-1, 1]) {
        const edge = [
          [0.8, -24],
          [0.84, -16],
          [0.93, -8],
          [0.95, 0],
          [0.985, 8],
        ] as const;
        const outer: FacePoint[] = [
          [side * (w - 1), -26, -2],
          [side * (w + 2.6), -12, -2],
          [side * (w + 2.4), 2, -2],
          [side * (w + 1.6), 8, -2],
        ];
        pen.path(
          between(
            all(outer),
            all(
              scalp(
                person,
                edge.map(([part, y]) => [side * part, y] as const),
              ),
            ),
          ),
          { fill },
        );
      }
      const thin = scalp(person, [
        [-0.74, -27],
        [-0.5, top + 8],
        [0, top + 9],
        [0.5, top + 8],
        [0.74, -27],
      ]);
      pen.path(between(all(dome(person, 1.2, 0.2, -27).slice(1, -1)), all(thin)), { fill, opacity: 0.6 });
      break;
    }
    case "short":
      cap(dome(person, 4 * v, 1.6, 6), sweptHairline(person, 6, highest, 3), rooted);
      break;
    case "quiff":
      cap(dome(person, 8.5 * v, 1.2, 6, 0.6, random), evenHairline(person, 6, highest - 1), 0.5 + 0.1 * parting, 0.1);
      break;
    case "fringe": {
      const low = brow - 5.5;
      const teeth = [-0.86, -0.7, -0.52, -0.34, -0.16, 0.02, 0.2, 0.38, 0.55, 0.72, 0.86];
      const bangs = teeth.map(
        (part, index) => [part, low + (index % 2 ? 1.6 : -1.2) + 4 * part * part + random.uniform()] as const,
      );
      const hairline = scalp(person, [[-0.985, 9], [-0.93, -6], ...bangs, [0.93, -6], [0.985, 9]]);
      cap(dome(person, 5 * v, 2.6, 9), hairline, 0.5, 0.6, 19);
      break;
    }
    case "curly":
    case "afro": {
      const edge = [0.6, 0.4, 0.2].flatMap((part, index) => [[part, highest + [4, 5, 1.5][index]!] as const]);
      const half = [[0.985, 6], [0.93, -8], [0.84, highest + 9], ...edge] as const;
      const hairline = scalp(person, [
        ...half.map(([part, y]) => [-part, y] as const),
        [0, highest + 3],
        ...[...half].reverse(),
      ]);
      const outer =
        hair === "afro" ? cloud(person, 12 * v, 0.55, 1.2, random) : cloud(person, 4.5 * v, 0.4, 1.5, random);
      pen.path(between(all(outer), all(hairline)), { fill });
      let [deep, bright] = ["", ""];
      for (let curl = 0; curl < 60; curl += 1) {
        const share = random.uniform();
        const [x, y] = to.head(lerp(along(outer, share), along(hairline, share), 0.1 + 0.8 * random.uniform()));
        const r = 1.3 + 1.1 * random.uniform();
        const d = `M${(x - r).toFixed(1)} ${y.toFixed(1)}q${r.toFixed(1)} ${(-1.9 * r).toFixed(1)} ${(2 * r).toFixed(1)} 0`;
        if (curl % 3 === 0) bright += d;
        else deep += d;
      }
      pen.path(deep, { stroke: css(dark), width: 0.8 * size, opacity: 0.5 });
      pen.path(bright, { stroke: css(lit), width: 0.8 * size, opacity: 0.5 });
      break;
    }
    case "pixie":
      cap(dome(person, 5 * v, 2.2, 10), sweptHairline(person, 10, highest, 10), rooted, 0.7, 18);
      break;
    case "bob":
    case "long":
    case "wavy":
      paintLongHair(canvas, { fill, lit, dark, highest });
      shine();
      break;
    case "bun":
    case "ponytail":
      cap(
        dome(person, 2.2 * v, 1.2, 4),
        evenHairline(person, 4, highest),
        hair === "bun" ? 0.5 : 0.5 + 0.2 * parting,
        hair === "bun" ? 0.6 : 0.45,
        17,
      );
      break;
    default: {
      cap(dome(person, 4 * v, 2.4, 3, 0.8, random), evenHairline(person, 3, highest + 1), 0.5, 0.4, 13);
      let d = "";
      for (const side of [-1, 1]) {
        for (let lock = 0; lock < 5; lock += 1) {
          const x = side * (w - 0.4 + lock * 2.3);
          const end = 36 + 20 * random.uniform();
          const sway = side * (random.uniform() - 0.5);
          d += smooth(
            all([
              [x * (0.7 + 0.05 * lock), -27 + 1.5 * lock, 6],
              [x, -8, 3],
              [x + sway, end * 0.55, 2],
              [x - 0.6 * sway, end, 2],
            ]),
          );
        }
      }
      pen.path(d, { stroke: css(dark), width: 2.9 * size });
      pen.path(d, { stroke: css(base), width: 1.9 * size });
    }
  }
}
