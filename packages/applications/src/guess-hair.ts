import { type Colour, hairStyles, type Person, scene } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import type { Image, Point } from "@prosopon/media";
import { colourDistance, luminance, middleColour, pixelAt } from "./photo-patches.ts";

export interface GuessHairOptions {
  readonly person: Person;
  readonly skin: Colour;
  /** In pixels of the picture. */
  readonly landmarks: readonly Point[];
  /** Whether a place of the square lies in the photograph. */
  readonly covered: (x: number, y: number) => boolean;
}

export interface HairGuess {
  readonly person: Pick<Person, "hair" | "hairColour" | "hairVolume" | "parting" | "foreheadHeight">;
  readonly confidence: number;
}

/** Side of the masks that are compared. */
const grid = 64;

/** Hair from where its colour lies in the photograph: the style whose drawing covers the same places. */
export function guessHair(image: Image, { person, skin, landmarks, covered }: GuessHairOptions): HairGuess {
  const scale = image.width / 128;
  /** Pixels of a box in face units: the origin between the eyes. */
  const box = (x0: number, y0: number, x1: number, y1: number): Colour[] => {
    const found: Colour[] = [];
    for (let y = y0; y <= y1; y += 0.7)
      for (let x = x0; x <= x1; x += 0.7) {
        const [column, row] = [scale * (64 + x), scale * (54 + y)];
        if (covered(column, row)) found.push(pixelAt(image, column, row));
      }
    return found;
  };
  const w = person.faceWidth;
  const brow = middleColour(
    [18, 19, 20, 23, 24, 25].flatMap((i) => {
      const [x, y] = landmarks[i]!;
      return [0, 1, 2, 3].map((down) => pixelAt(image, x, y + down * scale * 0.7));
    }),
    0,
    0.4,
  );
  const skinLike = (one: Colour) => {
    const share = luminance(one) / Math.max(1, luminance(skin));
    const sum = (c: Colour) => c[0] + c[1] + c[2] + 1;
    const chroma = Math.hypot(one[0] / sum(one) - skin[0] / sum(skin), one[1] / sum(one) - skin[1] / sum(skin));
    return colourDistance(one, skin) < 45 || (share > 0.62 && share < 1.25 && chroma < 0.03);
  };
  const unlike = (pixels: readonly Colour[]) => pixels.filter((one) => !skinLike(one));
  const top = box(-14, -44, 14, -34);
  const sides = [...box(-w - 2, -26, -w + 3, -8), ...box(w - 3, -26, w + 2, -8)];
  const hairy = [...unlike(top), ...unlike(sides)];
  const enough = hairy.length > 0.2 * (top.length + sides.length);
  const hairColour: Colour = enough
    ? middleColour(unlike(top).length > 0.35 * top.length ? unlike(top) : hairy, 0.05, 0.6)
    : middleColour([brow]);

  // What stands around, unless it looks like the hair: long hair reaches the edges.
  const around = clusters([...box(-63, -50, -53, 10), ...box(53, -50, 63, 10)], 4);
  const walls = around.filter((wall) => colourDistance(wall, hairColour) > 45);
  const toWall = (one: Colour) => Math.min(255, ...walls.map((wall) => colourDistance(one, wall)));

  // 1 hair, 0 not, NaN unknown, on the grid.
  const cell = 128 / grid;
  const places = Array.from({ length: grid * grid }, (_, i) => {
    const [x, y] = [cell * ((i % grid) + 0.5), cell * (Math.floor(i / grid) + 0.5)];
    const [u, v] = [x - 64, y - 54];
    // Brows, eyes and beard are no hair of the head; shoulders are not looked at.
    const inside = Math.abs(u) < 0.86 * w && v > person.browHeight - 5;
    if (inside || v > person.faceHeight + 16 || !covered(scale * x, scale * y)) return Number.NaN;
    const seen = pixelAt(image, scale * x, scale * y);
    const toHair = colourDistance(seen, hairColour);
    return !skinLike(seen) && toHair < Math.min(colourDistance(seen, skin), 75) && toHair < 1.3 * toWall(seen) ? 1 : 0;
  });
  keepTop(places);
  const known = places.filter((one) => !Number.isNaN(one)).length;
  let best: { readonly score: number; readonly value: HairGuess["person"] } | undefined;
  let second = -1;
  for (const hair of hairStyles) {
    if (hair === "headscarf") continue;
    let own = -1;
    for (const hairVolume of [0.75, 1.2])
      for (const parting of hair === "bob" || hair === "short" || hair === "pixie" ? [-1, 1] : [1]) {
        const mask = drawnMask({ ...person, hair, hairVolume, parting });
        let [both, either] = [0, 0];
        places.forEach((one, i) => {
          if (Number.isNaN(one)) return;
          if (one === 1 && mask[i]) both++;
          if (one === 1 || mask[i]) either++;
        });
        // Without any hair in the photograph the style with the least of it is best.
        const score = ((both + 12) / (either + 12)) * (rare.has(hair) ? 0.85 : 1);
        own = Math.max(own, score);
        if (!best || score > best.score) {
          if (best && best.value.hair !== hair) second = best.score;
          best = { score, value: { hair, hairColour, hairVolume, parting, foreheadHeight: person.foreheadHeight } };
        }
      }
    if (best?.value.hair !== hair) second = Math.max(second, own);
  }
  const clear = ((1 + walls.length) / (1 + around.length)) * Math.min(1, (2 * known) / places.length);
  return {
    person: best!.value,
    confidence: Math.max(0.05, Math.min(1, best!.score * clear * (enough ? 1 : 0.6))),
  };
}

/** Styles that few people wear: they have to fit clearly better. */
const rare: ReadonlySet<string> = new Set(["afro", "locs", "ponytail", "bun", "receding", "curly"]);

/** Hair hangs together with what grows on the crown: all else that has its colour is taken out. */
function keepTop(places: number[]): void {
  const reached = new Set<number>();
  const queue: number[] = [];
  const look = (i: number) => {
    if (places[i] !== 1 || reached.has(i)) return;
    reached.add(i);
    queue.push(i);
  };
  for (let row = Math.floor(grid * 0.06); row < grid * 0.22; row++)
    for (let column = Math.floor(grid * 0.32); column < grid * 0.68; column++) look(row * grid + column);
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (i % grid > 0) look(i - 1);
    if (i % grid < grid - 1) look(i + 1);
    look(i - grid);
    look(i + grid);
  }
  places.forEach((one, i) => {
    if (one === 1 && !reached.has(i)) places[i] = 0;
  });
}

/** Means of `count` groups of colours (Lloyd's algorithm, started along the luminance). */
function clusters(pixels: readonly Colour[], count: number): readonly Colour[] {
  if (pixels.length === 0) return [[400, 400, 400]];
  const sorted = pixels.toSorted((a, b) => luminance(a) - luminance(b));
  let means = Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)]!);
  for (let round = 0; round < 6; round++) {
    const groups = means.map((): Colour[] => []);
    for (const one of pixels) {
      const distances = means.map((mean) => colourDistance(one, mean));
      groups[distances.indexOf(Math.min(...distances))]!.push(one);
    }
    means = groups.map((group, i) => {
      const mean = (c: number) => group.reduce((sum, one) => sum + one[c]!, 0) / group.length;
      return group.length > 0 ? [mean(0), mean(1), mean(2)] : means[i]!;
    });
  }
  return means;
}

/** Where the hair of a person is drawn: what a bald head does not show. */
function drawnMask(person: Person): readonly boolean[] {
  const drawn = (hair: Person["hair"]) =>
    render(
      scene({
        identity: 0,
        person: { ...person, hair, hairColour: [255, 0, 255], skin: [20, 160, 40], beard: "none", glasses: "none" },
      }),
      {
        size: grid,
      },
    ).image;
  const [hairy, bare] = [drawn(person.hair), drawn("bald")];
  return Array.from({ length: grid * grid }, (_, i) => {
    const at = 3 * i;
    const difference = [0, 1, 2].reduce((sum, c) => sum + Math.abs(hairy.data[at + c]! - bare.data[at + c]!), 0);
    return difference > 60;
  });
}
