import { actionUnitsOf, type Colour, person, scene } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import type { Point } from "@prosopon/media";
import { expect, test } from "vitest";
import { portraitLike } from "./portrait-like.ts";

const colourDistance = (a: Colour, b: Colour): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

const photographOf = (identity: number, change = {}, actionUnits = actionUnitsOf({})) => {
  const drawn = scene({ identity, person: { ...person(identity), ...change }, actionUnits });
  const { image, landmarks } = render(drawn, { size: 192 });
  const face = {
    box: { x: 40, y: 30, width: 110, height: 130, score: 0.9 },
    landmarks: landmarks.map(([x, y]): Point => [192 * x, 192 * y]),
  };
  return { picture: { ...image, channels: 3 as const }, face };
};

test("skin and hair of drawn people are found again, light skin and dark", async () => {
  const bare = { glasses: "none", beard: "none", hair: "short" } as const;
  for (const [skin, hairColour] of [
    [
      [247, 210, 184],
      [92, 62, 42],
    ],
    [
      [116, 74, 52],
      [28, 24, 26],
    ],
  ] as const) {
    const { picture, face } = photographOf(5, { ...bare, skin, hairColour });
    const {
      scene: found,
      landmarkError,
      landmarkErrorBefore,
      image,
    } = await portraitLike(picture, { find: async () => [face], size: 64 });
    expect(colourDistance(found.person.skin, skin)).toBeLessThan(30);
    expect(colourDistance(found.person.hairColour, hairColour)).toBeLessThan(60);
    expect(landmarkError).toBeLessThan(0.5 * landmarkErrorBefore);
    expect([image.width, image.height]).toEqual([64, 64]);
  }
});

test("lips are lips where teeth or a dark mouth lie under their landmarks", async () => {
  for (const units of [
    { AU12: 1, AU25: 1, AU26: 0.3 },
    { AU25: 1, AU26: 1 },
  ]) {
    const { picture, face } = photographOf(5, { glasses: "none", beard: "none" }, actionUnitsOf(units));
    const height = (i: number) => face.landmarks[i]![1];
    // The detector has the lower lip where the mouth is open.
    const up = 0.5 * (height(57) + height(66)) - (0.65 * height(62) + 0.35 * height(66));
    const landmarks = face.landmarks.map(([x, y], i): Point => [x, [56, 57, 58, 65, 66, 67].includes(i) ? y - up : y]);
    const { scene: found } = await portraitLike(picture, { find: async () => [{ ...face, landmarks }], size: 64 });
    const { lips, skin } = found.person;
    expect(lips[1]).toBeLessThan(0.9 * skin[1]);
    expect(lips[1] / lips[0]).toBeGreaterThan(0.2);
  }
});

test("no face, several, none of that number, too small, no finder: clear words", async () => {
  const { picture, face } = photographOf(5);
  const like = (faces: readonly (typeof face)[] | undefined, wanted?: number) =>
    portraitLike(picture, { find: async () => faces, wanted, size: 64 });
  await expect(like([])).rejects.toThrow("No face was found");
  await expect(like([face, face])).rejects.toThrow("2 faces were found. Say which with --face 1 to 2");
  await expect(like([face], 2)).rejects.toThrow("There is no face 2");
  await expect(like([{ ...face, box: { ...face.box, width: 20 } }])).rejects.toThrow("20 pixels wide");
  await expect(like(undefined)).rejects.toMatchObject({ code: "unavailable" });
});
