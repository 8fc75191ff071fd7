import { type Emotion, type Intensity, type Scene, sample } from "@prosopon/corpus";

/** A drawn person by number, looking ahead: always the same one, before the same wall. */
export const drawnPerson = (person: number, emotion: Emotion = "neutral", intensity: Intensity = 2): Scene => ({
  ...sample({ seed: 7, index: person, speaking: 0 }),
  emotion,
  intensity,
  pose: { yaw: 0, pitch: 0, roll: 0 },
  gaze: { x: 0, y: 0 },
  blink: 0,
});
