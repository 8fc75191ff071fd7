import { ProsoponError } from "@prosopon/errors";
import type { Metric } from "../metric.ts";

export interface SpokenFrame {
  /** `mouthOpening` of the frame. */
  readonly opening: number;
  /** Loudness of the frame, as `soundEnvelope` gives it, 0..1. */
  readonly loudness: number;
}

export interface SilenceApertureOptions {
  /** Frames quieter than this, as a share of the loudest, are silent; default 0.05. */
  readonly threshold?: number;
}

export interface SilenceAperture {
  /** Mean opening in silence; the mouth should be shut. */
  readonly silent: number;
  /** Mean opening while there is sound. */
  readonly spoken: number;
  readonly frames: { readonly silent: number; readonly spoken: number };
}

/** How open the mouth is while nothing is said: of frames of one clip. */
export const silenceAperture = ({
  threshold = 0.05,
}: SilenceApertureOptions = {}): Metric<SpokenFrame, SilenceAperture> => ({
  specification: "metric/v1",
  name: "silence-aperture",
  protocol: `Mean opening of the inner lips over the distance of the outer eye corners, in frames quieter than ${threshold} of the loudest, and in the others.`,
  start() {
    const frames: SpokenFrame[] = [];
    return {
      add(frame) {
        if (!Number.isFinite(frame.opening) || !(frame.loudness >= 0 && Number.isFinite(frame.loudness)))
          throw new ProsoponError(
            "bad-input",
            `An opening of ${frame.opening} and a loudness of ${frame.loudness} are no frame.`,
            {
              values: { ...frame },
            },
          );
        frames.push(frame);
      },
      result() {
        const loudest = frames.reduce((most, { loudness }) => Math.max(most, loudness), 0);
        const mean = (some: readonly SpokenFrame[]) =>
          some.reduce((sum, { opening }) => sum + opening, 0) / some.length;
        const silent = frames.filter(({ loudness }) => loudness < threshold * loudest || loudest === 0);
        const spoken = frames.filter((frame) => !silent.includes(frame));
        if (silent.length === 0 || spoken.length === 0)
          throw new ProsoponError(
            "bad-input",
            `${silent.length} silent and ${spoken.length} loud frames: one kind is absent.`,
            {
              values: { silent: silent.length, spoken: spoken.length, threshold },
              mend: "Give a clip with speech and a pause, or another threshold.",
            },
          );
        return { silent: mean(silent), spoken: mean(spoken), frames: { silent: silent.length, spoken: spoken.length } };
      },
    };
  },
});
