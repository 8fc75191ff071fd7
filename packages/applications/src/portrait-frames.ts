import type { Intensity } from "@prosopon/corpus";
import { ProsoponError } from "@prosopon/errors";
import type { Image } from "@prosopon/media";
import type { SynthesizeOptions, TalkFrame, TalkSettingsInput } from "@prosopon/talking-face";
import { featuresNamed } from "./features-named.ts";
import { findEmotion } from "./find-emotion.ts";
import { idleControls } from "./idle-controls.ts";
import type { TalkingFace } from "./open-talking-face.ts";
import { planesOf } from "./planes.ts";

export interface PortraitFramesOptions extends TalkSettingsInput {
  /** The crop, of the model's side. */
  readonly portrait: Image;
  /** Mono, 16 kHz, as it comes. */
  readonly speech: AsyncIterable<Float32Array>;
  readonly emotion: string;
  readonly intensity?: Intensity;
  /** Default: the model's. */
  readonly framesPerSecond?: number;
  /** How much the head moves by itself: 0 to 1; default 1. */
  readonly motion?: number;
}

/** A portrait that speaks, frame after frame as the speech arrives. @throws what the talker throws. */
export function portraitFrames(
  { talker, manifest }: Pick<TalkingFace, "talker" | "manifest">,
  { portrait, speech, emotion, intensity = 2, motion = 1, framesPerSecond: rate, ...settings }: PortraitFramesOptions,
  options: SynthesizeOptions = {},
): AsyncGenerator<TalkFrame, void, undefined> {
  const { emotions, conditions } = manifest.config;
  const framesPerSecond = rate ?? manifest.config.framesPerSecond;
  if (!conditions.audio)
    throw new ProsoponError("bad-input", `The model ${manifest.name} hears no speech.`, {
      values: { model: manifest.name },
      mend: "Use a model that was trained with audio.",
    });
  const name = findEmotion(emotion, emotions);
  const features = featuresNamed(conditions.audio.features);
  const call = options.signal ? { signal: options.signal } : {};
  return talker.synthesize(
    {
      ...settings,
      portrait: planesOf(portrait),
      speech: features.stream(speech, framesPerSecond, call),
      emotion: name,
      framesPerSecond,
      controls: idleControls({ seed: settings.seed ?? 0, framesPerSecond, emotion: name, intensity, motion }),
    },
    options,
  );
}
