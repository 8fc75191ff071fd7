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
  const background = middleColour([...box(-62, -50, -52, -20), ...box(52, -50, 62, -20)]);
  const unlike = (pixels: readonly Colour[]) =>
    pixels.filter((one) => colourDistance(one, skin) > 55 && colourDistance(one, background) > 40);
  const top = box(-14, -44, 14, -34);
  const sides = [...box(-w - 2, -26, -w + 3, -8), ...box(w - 3, -26, w + 2, -8)];
  const hairy = [...unlike(top), ...unlike(sides)];
  const enough = hairy.length > 0.2 * (top.length + sides.length);
  const hairColour: Colour = enough
    ? middleColour(unlike(top).length > 0.35 * top.length ? unlike(top) : hairy, 0.15, 0.85)
    : middleColour([brow]);

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
    const toSkin = Math.min(
      colourDistance(seen, skin),
      colourDistance(seen, [0.75 * skin[0], 0.72 * skin[1], 0.7 * skin[2]]),
    );
    return toHair < Math.min(toSkin, colourDistance(seen, background), 85) ? 1 : 0;
  });
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
        const score = (both + 12) / (either + 12);
        own = Math.max(own, score);
        if (!best || score > best.score) {
          if (best && best.value.hair !== hair) second = best.score;
          best = { score, value: { hair, hairColour, hairVolume, parting, foreheadHeight: person.foreheadHeight } };
        }
      }
    if (best?.value.hair !== hair) second = Math.max(second, own);
  }
  const clear = Math.min(1, colourDistance(hairColour, background) / 80) * Math.min(1, (2 * known) / places.length);
  return {
    person: best!.value,
    confidence: Math.max(0.05, Math.min(1, best!.score * clear * (enough ? 1 : 0.6))),
  };
}


/** Where the hair of a person is drawn: what changes with its colour. */
function drawnMask(person: Person): readonly boolean[] {
  const drawn = (hairColour: Colour) =>
    render(scene({ identity: 0, person: { ...person, hairColour, beard: "none", glasses: "none" } }), { size: grid })
      .image;
  const [light, dark] = [drawn([255, 60, 255]), drawn([20, 200, 20])];
  return Array.from({ length: grid * grid }, (_, i) => {
    const at = 3 * i;
    const a = [0, 1, 2].map((c) => light.data[at + c]!) as unknown as Colour;
    const b = [0, 1, 2].map((c) => dark.data[at + c]!) as unknown as Colour;
    return colourDistance(a, b) > 60 || Math.abs(luminance(a) - luminance(b)) > 60;
  });
}
