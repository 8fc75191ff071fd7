import { type Emotion, emotions, type Intensity, type Scene } from "@prosopon/corpus";
import { philox } from "@prosopon/random";

/** An edit that does not say how strong is meant clearly: neither slight nor strong. */
const meant: Intensity = 2;

/** What an edit of a picture to an emotion should show: the same person, pose and light. To the emotion that it shows it is the picture itself. */
export const editTruth = (scene: Scene, emotion: Emotion): Scene =>
  emotion === scene.emotion ? scene : { ...scene, emotion, intensity: meant };

/** The same edit with another natural variation: as right as `editTruth`, which cannot be told from the picture. */
export const otherTruth = (scene: Scene, emotion: Emotion): Scene => ({
  ...editTruth(scene, emotion),
  variation: (scene.variation + 1) % 2 ** 31,
});

/** Item `index` of a data set after an edit to one of the emotions, drawn for it. */
export const editedScene = (scene: Scene, { seed, index }: { readonly seed: number; readonly index: number }): Scene =>
  editTruth(scene, philox(seed, `recipes/edit/${index}`).pick(emotions));
