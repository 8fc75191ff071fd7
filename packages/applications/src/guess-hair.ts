import { type HairStyle, type Person, scene } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { type FacePixels, hairEvidence, hairGrid } from "./hair-evidence.ts";

export interface HairGuess {
  readonly person: Pick<Person, "hair" | "hairColour" | "hairVolume" | "parting">;
  /** How far, 0..1, the drawing is expected to cover what the right style's would, times how far it covers the hair that is seen and nothing else. */
  readonly confidence: number;
}

/** How common styles are taken to be. A headscarf is not looked for: its cloth has any colour. */
const common: Readonly<Record<Exclude<HairStyle, "headscarf">, number>> = {
  short: 0.2,
  long: 0.14,
  quiff: 0.12,
  bob: 0.1,
  wavy: 0.1,
  fringe: 0.07,
  pixie: 0.07,
  buzz: 0.06,
  bald: 0.04,
  bun: 0.03,
  receding: 0.03,
  curly: 0.03,
  ponytail: 0.004,
  afro: 0.004,
  locs: 0.002,
};

/** Styles that are drawn otherwise where the parting is on the other side. */
const parted: ReadonlySet<HairStyle> = new Set(["short", "quiff", "bob", "wavy", "pixie", "ponytail"]);

/** Cells beside each other tell the same: so many count as one. */
const alike = 40;

/** How much higher the skull of a photograph may be than the drawn one. */
const stretches = [0.95, 1.05, 1.15, 1.25, 1.35, 1.45] as const;

/**
 * Hair from where its colours lie in the photograph: the style whose drawing covers such places and no others, common ones rather than rare ones.
 * The person has the shape that was found; their own hair does not matter.
 */
export function guessHair(at: FacePixels, person: Person): HairGuess {
  const { odds, colour: hairColour } = hairEvidence(at, person);
  const skulls = stretches.map(odds);
  const bald = drawn({ ...person, hair: "bald" });
  const guesses = Object.entries(common).map(([name, share]) => {
    const hair = name as HairStyle;
    // Each style as it fits best.
    const variants = (hair === "bald" ? [1] : [0.75, 1.2]).flatMap((hairVolume) =>
      (parted.has(hair) ? [-1, 1] : [1]).flatMap((parting) => {
        const value = { hair, hairColour, hairVolume, parting };
        const mask = covers(drawn({ ...person, ...value }), bald);
        return skulls.map((seen) => {
          const score = Math.log(share) + evidenceIn(mask, seen, person) / alike;
          return { value, mask, seen, score };
        });
      }),
    );
    return variants.reduce((a, b) => (b.score > a.score ? b : a));
  });
  const best = guesses.reduce((a, b) => (b.score > a.score ? b : a));
  const weights = guesses.map(({ score }) => Math.exp(score - best.score));
  const total = weights.reduce((a, b) => a + b);
  const expected = guesses.reduce((sum, { mask }, i) => sum + (weights[i]! / total) * overlap(best.mask, mask), 0);
  const known = best.mask.filter((_, i) => best.seen[i] !== 0);
  const hairy = best.seen.filter((one) => one !== 0).map((one) => one > 0);
  return { person: best.value, confidence: expected * overlap(known, hairy) };
}

/** Log odds of the cells that are covered. What stands out from the head counts less, and on both sides only as far as both have it. */
function evidenceIn(mask: readonly boolean[], odds: readonly number[], { faceWidth, foreheadHeight }: Person): number {
  const cell = 128 / hairGrid;
  return mask.reduce((sum, inside, i) => {
    if (!inside) return sum;
    const column = i % hairGrid;
    const [u, v] = [Math.abs(cell * (column + 0.5) - 64), cell * (Math.floor(i / hairGrid) + 0.5) - 54];
    const out = v < 0 ? (Math.hypot(u / faceWidth, v / foreheadHeight) - 1) * faceWidth : u - faceWidth;
    const own = odds[i]!;
    const mirrored = i - column + (hairGrid - 1 - column);
    if (out <= (mask[mirrored] ? 5 : 0)) return sum + own;
    // Beside the jaw a turned head or a hand may hide one side; what is drawn on one side alone is mostly clutter.
    const both = own + (v < 0 ? 1 : 0.4) * Math.min(0, odds[mirrored]! - own);
    return sum + (mask[mirrored] ? both : Math.min(own, 0.15 * own)) * Math.min(1, Math.max(0.4, 1 - (out - 6) / 20));
  }, 0);
}

/** Cells in both over cells in either; a few are given, for bald heads have none. */
function overlap(one: readonly boolean[], other: readonly boolean[]): number {
  const both = one.filter((inside, i) => inside && other[i]).length;
  const either = one.filter((inside, i) => inside || other[i]).length;
  return (both + 12) / (either + 12);
}

/** RGB bytes of somebody whose hair has a colour that nothing else has. */
const drawn = (person: Person): Uint8Array =>
  render(
    scene({
      identity: 0,
      person: { ...person, hairColour: [255, 0, 255], skin: [20, 160, 40], beard: "none", glasses: "none" },
    }),
    { size: hairGrid },
  ).image.data;

/** Where the hair is drawn: what a bald head does not show. */
const covers = (hairy: Uint8Array, bare: Uint8Array): readonly boolean[] =>
  Array.from({ length: hairGrid ** 2 }, (_, i) => {
    const difference = [0, 1, 2].reduce((sum, c) => sum + Math.abs(hairy[3 * i + c]! - bare[3 * i + c]!), 0);
    return difference > 60;
  });
