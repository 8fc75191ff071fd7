import type { Colour, Person } from "@prosopon/corpus";
import { type ColourModel, colourDensity, colourDeviation, colourGroups, colourModel } from "./colour-model.ts";
import { luminance, middleColour } from "./photo-patches.ts";

/** Side of the grid of cells. */
export const hairGrid = 64;

/** The colour at a place in face units (1/128 of the drawn frame, the origin between the eyes), undefined beyond the photograph. */
export type FacePixels = (u: number, v: number) => Colour | undefined;

export interface HairEvidence {
  /**
   * Log odds that the cells of the drawn frame show hair, row by row, 0 where unknown. Skulls of photographs are higher than those of the drawing:
   * what is above the eyes is looked for `stretch` times as high.
   */
  readonly odds: (stretch: number) => readonly number[];
  readonly colour: Colour;
}

/** Looks for hair in a photograph of a face that was laid over the drawing of a person. */
export function hairEvidence(at: FacePixels, person: Person): HairEvidence {
  const box = (u0: number, v0: number, u1: number, v1: number): Colour[] => {
    const found: Colour[] = [];
    for (let v = v0; v <= v1; v += 0.9)
      for (let u = u0; u <= u1; u += 0.9) {
        const seen = at(u, v);
        if (seen) found.push(seen);
      }
    return found;
  };
  const w = person.faceWidth;
  const skin = colourModel([...box(-21, 9, -11, 22), ...box(11, 9, 21, 22), ...box(-3, 2, 3, 14)], [0.2, 0.014]);
  const floor = [0.17, 0.012] as const;
  const beside = [
    [...box(-90, -75, -53, 5), ...box(-53, -75, -43, -40)],
    [...box(53, -75, 90, 5), ...box(43, -75, 53, -40)],
  ] as const;
  const walls = beside.map((pixels) => colourGroups(pixels, 5, floor, 0.7));
  const anyWall = beside.flat().length > 0 ? [colourModel(beside.flat(), [0.4, 0.025], 0.4)] : [];
  const clothes = colourGroups(box(-12, person.faceHeight + 16, 12, 90), 3, floor, 1);

  const wallLike = (one: Colour) => walls.flat().some((model) => colourDeviation(one, model) < 1.5);

  // Up from the brows: where the skin ends the hair begins, unless that is the end of the head too.
  const above: Colour[] = [];
  const lines: number[] = [];
  let columns = 0;
  const brow = person.browHeight - 3.5;
  for (let u = -18; u <= 18; u += 2) {
    const line = endOfSkin((v) => box(u - 0.9, v, u + 0.95, v + 0.5), brow, skin);
    if (line === undefined) continue;
    columns++;
    lines.push(line);
    const beyond = box(u, line - 6.5, u + 0.5, line - 1.5);
    if (line < -48 || (line < -40 && beyond.filter(wallLike).length > 0.5 * beyond.length)) continue;
    above.push(...beyond);
  }
  const temples = [...box(-w + 1, -18, -w + 6, -6), ...box(w - 6, -18, w - 1, -6)];
  const sides = temples.filter((one) => colourDeviation(one, skin) > 3);
  const brows = [...box(-26, brow + 1, -10, brow + 8), ...box(10, brow + 1, 26, brow + 8)];
  // No end in sight: hair of about the colour of skin.
  if (columns > 0 && lines.filter((line) => line === highest).length > 0.5 * columns)
    above.push(...box(-14, -52, 14, -44));
  // Short hair ends before the band does. Colours of a few columns could be an accident; without any, brows tell most.
  const surely = above.filter((one) => !wallLike(one));
  const enough = 3 * columns;
  const tops = surely.length > enough ? surely : above;
  const source = tops.length > enough ? tops : sides.length > 0.3 * temples.length ? sides : darkest(brows);
  const roots = colourModel(source, [0.28, 0.014]);
  // Lengths may be lighter: what is beside the face and is nothing else that is known.
  const lengths = [-1, 1].map((side) => {
    const known = [skin, ...walls[side < 0 ? 0 : 1]!];
    return (side < 0 ? box(-w - 6, -20, -w - 1, 34) : box(w + 1, -20, w + 6, 34)).filter(
      (one) => colourDeviation(one, roots) < 5 && known.every((model) => colourDeviation(one, model) > 3),
    );
  });
  const onBoth = lengths.every((side) => side.length > 50);
  const hair = [roots, ...(onBoth ? colourGroups(lengths.flat(), 2, [0.2, 0.012], 0.6) : [])];

  // Within the skull there is hair or skin; beside it the wall of that side, or a blend of all walls.
  const otherAt = (u: number, v: number): readonly ColourModel[] => {
    if ((u / (w + 0.5)) ** 2 + ((v + 3) / (person.foreheadHeight - 3)) ** 2 < 1 && v < 0) return [skin];
    const [own, opposite] = u < 0 ? [walls[0]!, walls[1]!] : [walls[1]!, walls[0]!];
    return [{ ...skin, weight: 0.5 }, ...(own.length > 0 ? own : opposite), ...anyWall, ...(v > 42 ? clothes : [])];
  };
  const cell = 128 / hairGrid;
  const odds = (stretch: number) =>
    rooted(
      Array.from({ length: hairGrid ** 2 }, (_, i) => {
        const [u, v] = [cell * ((i % hairGrid) + 0.5) - 64, cell * (Math.floor(i / hairGrid) + 0.5) - 54];
        // Brows, eyes and beard are no hair of the head; shoulders are not looked at.
        const inFace = Math.abs(u) < 0.86 * w && v > person.browHeight - 5;
        const seen = at(u, v < 0 ? stretch * v : v);
        if (inFace || v > person.faceHeight + 13 || !seen) return 0;
        const ratio = Math.log(colourDensity(seen, hair) / colourDensity(seen, otherAt(u, v)));
        return Math.max(-2, Math.min(2, ratio));
      }),
    );
  return {
    odds,
    colour: middleColour(source, 0.1, 0.7),
  };
}

/** Nobody's forehead ends above. */
const highest = -60;

/** How high skin reaches in a column that begins at `from`: brightness may change slowly there. */
function endOfSkin(column: (v: number) => readonly Colour[], from: number, skin: ColourModel): number | undefined {
  let line = from;
  let here = colourModel(column(from), [0.2, 0.014]);
  if (colourDeviation(middleColour(column(from)), skin) > 6) here = skin;
  for (let v = from; v > highest; v--) {
    const pixels = column(v);
    if (pixels.length === 0) return line - v >= 3 ? line : v === from ? undefined : highest;
    const seen = middleColour(pixels);
    if (colourDeviation(seen, { ...here, spread: [0.16, 0.013, 0.013] }) < 2.7) {
      line = v - 1;
      const mean = here.mean.map((one, c) => one + 0.1 * (colourModel([seen], [1, 1]).mean[c]! - one));
      here = { ...here, mean: mean as unknown as ColourModel["mean"] };
    } else if (line - v >= 4) return line;
  }
  return highest;
}

/** The darker third of pixels: brows among skin. */
const darkest = (pixels: readonly Colour[]): readonly Colour[] =>
  pixels.toSorted((a, b) => luminance(a) - luminance(b)).slice(0, Math.ceil(pixels.length / 3));

/** Hair hangs together with what grows on the crown: odds are at most those of the best way there. */
function rooted(odds: readonly number[]): readonly number[] {
  const best = odds.map((one, i) => {
    const [column, row] = [i % hairGrid, Math.floor(i / hairGrid)];
    const crown =
      row > 0.05 * hairGrid && row < 0.24 * hairGrid && Math.abs(column + 0.5 - hairGrid / 2) < 0.2 * hairGrid;
    return crown ? one : Math.min(one, 0);
  });
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = 0; i < best.length; i++) {
      if (best[i]! >= odds[i]!) continue;
      const column = i % hairGrid;
      const near = Math.max(
        best[i - hairGrid] ?? 0,
        best[i + hairGrid] ?? 0,
        column > 0 ? best[i - 1]! : 0,
        column < hairGrid - 1 ? best[i + 1]! : 0,
      );
      const now = Math.min(odds[i]!, near);
      if (now > best[i]!) [best[i], changed] = [now, true];
    }
  }
  return best;
}
