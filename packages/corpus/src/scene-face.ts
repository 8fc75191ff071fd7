import { type ActionUnits, actionUnitsOf } from "./action-units.ts";
import { checkScene } from "./check-scene.ts";
import { emotionOf } from "./emotion.ts";
import { expression } from "./expression.ts";
import { type FaceGeometry, faceGeometry } from "./face-geometry.ts";
import { type Point, projection } from "./head-pose.ts";
import { landmarks } from "./landmarks.ts";
import { type Person, person as personOf } from "./person.ts";
import type { Scene } from "./scene.ts";
import { mouthShape } from "./viseme.ts";

/** The face that a scene describes, before anything is drawn. */
export interface SceneFace {
  readonly person: Person;
  readonly actionUnits: ActionUnits;
  readonly face: FaceGeometry;
  readonly to: ReturnType<typeof projection>;
}

/** Moves the scene's person; throws `bad-input` for an unknown emotion, intensity or viseme. */
export function sceneFace(scene: Scene): SceneFace {
  checkScene(scene);
  const person = scene.person ?? personOf(scene.identity);
  const actionUnits = scene.actionUnits
    ? actionUnitsOf(scene.actionUnits)
    : expression({ emotion: emotionOf(scene.emotion), intensity: scene.intensity, seed: scene.variation });
  const mouth = scene.mouth ?? mouthShape(scene.viseme);
  const face = faceGeometry(person, actionUnits, mouth, Math.max(0, Math.min(1, scene.blink)));
  return { person, actionUnits, face, to: projection(scene.pose, scene.framing) };
}

/** 68 points in iBUG order, [x, y] in 0..1 of the frame from its upper left corner. */
export function faceLandmarks({ face, to }: SceneFace): Point[] {
  return landmarks(face).map((point) => {
    const [x, y] = to.head(point);
    return [x / 128, y / 128];
  });
}

/**
 * The landmarks that `portrait` gives, without drawing: some twenty times faster.
 * @throws ProsoponError `bad-input` for an unknown emotion, intensity or viseme.
 */
export function sceneLandmarks(scene: Scene): Point[] {
  return faceLandmarks(sceneFace(scene));
}
