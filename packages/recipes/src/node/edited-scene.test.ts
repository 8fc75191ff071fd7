import { emotions, sample } from "@prosopon/corpus";
import { expect, test } from "vitest";
import { editedScene, editTruth, otherTruth } from "./edited-scene.ts";

test("an edit changes the emotion alone, clearly; to the emotion that is shown it changes nothing", () => {
  const scene = sample({ seed: 3, index: 5 });
  for (const emotion of emotions) {
    const { emotion: shown, intensity, ...rest } = editTruth(scene, emotion);
    expect({ ...rest, emotion: scene.emotion, intensity: scene.intensity }).toEqual(scene);
    expect([shown, intensity]).toEqual(emotion === scene.emotion ? [scene.emotion, scene.intensity] : [emotion, 2]);
    const { variation, ...other } = otherTruth(scene, emotion);
    expect({ ...other, variation: scene.variation }).toEqual(editTruth(scene, emotion));
    expect(variation).not.toBe(scene.variation);
  }
});

test("which emotion is drawn for an item depends on seed and index, and all are", () => {
  const drawn = (seed: number) =>
    Array.from({ length: 80 }, (_, index) => editedScene(sample({ seed: 3, index }), { seed, index }).emotion);
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(new Set(drawn(1)).size).toBe(emotions.length);
});
