import {
  backgroundStyles,
  type Colour,
  type HairStyle,
  hairStyles,
  ordinaryPerson,
  person,
  scene,
} from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { expect, test } from "vitest";
import { guessHair } from "./guess-hair.ts";
import { pixelAt } from "./photo-patches.ts";

/** What one notices first: styles that cover about the same. Locs are drawn to the shoulders. */
const classes: readonly (readonly HairStyle[])[] = [
  ["bald", "receding"],
  ["buzz", "short", "quiff", "fringe", "pixie", "bun", "ponytail"],
  ["curly", "afro"],
  ["bob", "locs"],
  ["long", "wavy"],
];
const classOf = (hair: HairStyle) => classes.findIndex((styles) => styles.includes(hair));

const skins = [
  [247, 210, 184],
  [196, 142, 104],
  [116, 74, 52],
] as const satisfies Colour[];
const colours = [
  [28, 24, 26],
  [92, 62, 42],
  [206, 166, 104],
  [196, 194, 192],
] as const satisfies Colour[];
const walls = [
  [70, 110, 60],
  [150, 90, 70],
  [60, 64, 90],
] as const satisfies Colour[];

/** Three people of every style: lit from either side or the front, before backgrounds of every kind. */
const people = hairStyles
  .filter((hair) => hair !== "headscarf")
  .flatMap((hair, style) =>
    skins.map((skin, i) => {
      const n = 3 * style + i;
      const hairColour = colours[i === 2 ? 0 : n % 4]!;
      const light = { direction: 0.8 * (i - 1), strength: 0.5, warmth: 0.3 * (1 - i), exposure: 0.8 + 0.15 * i };
      const wall = backgroundStyles[n % backgroundStyles.length]!;
      const background = { style: wall, colour: walls[n % 3]!, accent: [220, 200, 170] as const, seed: n };
      const drawn = { ...person(40 + n), hair, skin, hairColour, beard: "none", glasses: "none" } as const;
      return { hair, scene: scene({ identity: 0, person: drawn, light, background }) };
    }),
  );

const guesses = people.map((one) => {
  const image = { ...render(one.scene, { size: 128 }).image, channels: 3 as const };
  const inside = (x: number, y: number) => x >= 0 && y >= 0 && x < 128 && y < 128;
  // Of the face an ordinary shape is known, not the person's own.
  const found = guessHair(
    (u, v) => (inside(64 + u, 54 + v) ? pixelAt(image, 64 + u, 54 + v) : undefined),
    ordinaryPerson(),
  );
  return { was: one.hair, guess: found.person.hair };
});
const right = (some: readonly { readonly was: HairStyle; readonly guess: HairStyle }[]) =>
  some.filter(({ was, guess }) => classOf(was) === classOf(guess)).length / some.length;

test("the length of drawn people's hair is found again, whatever is behind them", () => {
  expect(right(guesses)).toBeGreaterThan(0.8);
  // Guesses that have nothing to do with the picture, or know only what is common, would not do.
  const shifted = guesses.map(({ was }, i) => ({ was, guess: guesses[(i + 12) % guesses.length]!.guess }));
  expect(right(shifted)).toBeLessThan(0.4);
  expect(right(guesses.map(({ was }) => ({ was, guess: "short" })))).toBeLessThan(0.5);
});

test("nobody gets more hair than they have by much, and those who have it keep it", () => {
  const big = new Set<HairStyle>(["afro", "curly"]);
  expect(guesses.filter(({ was, guess }) => big.has(guess) && !big.has(was))).toEqual([]);
  expect(guesses.filter(({ was, guess }) => was === "afro" && big.has(guess))).toHaveLength(3);
  const long = guesses.filter(({ was }) => was === "long" || was === "wavy");
  expect(right(long)).toBe(1);
});
