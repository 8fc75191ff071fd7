import { ProsoponError } from "@prosopon/errors";

/** Sound as values: one array for each channel, all of one length; full scale is -1 to 1, and float files may go beyond. */
export interface Sound {
  /** Samples per second and channel. */
  readonly sampleRate: number;
  readonly channels: readonly Float32Array[];
}

/** The rates that are taken: what recorders, telephones and measuring devices write. */
export const SAMPLE_RATES = { least: 1000, most: 768_000 } as const;

/** A sound over `channels`, which are not copied. Throws `bad-input` for an impossible rate, no channel, or unequal lengths. */
export function sound(sampleRate: number, channels: readonly Float32Array[]): Sound {
  checkSampleRate(sampleRate);
  const length = channels[0]?.length;
  if (length === undefined) throw new ProsoponError("bad-input", "A sound has at least one channel.");
  const odd = channels.findIndex((channel) => channel.length !== length);
  if (odd >= 0) {
    throw new ProsoponError(
      "bad-input",
      `Channel ${odd} has ${channels[odd]!.length} samples, channel 0 has ${length}.`,
      { values: { channel: odd, length: channels[odd]!.length, expected: length } },
    );
  }
  return { sampleRate, channels };
}

/** Throws `bad-input` unless the rate is a whole number within `SAMPLE_RATES`. */
export function checkSampleRate(sampleRate: number): void {
  if (!(Number.isInteger(sampleRate) && sampleRate >= SAMPLE_RATES.least && sampleRate <= SAMPLE_RATES.most)) {
    throw new ProsoponError("bad-input", `A sample rate of ${sampleRate} Hz is not handled.`, {
      values: { sampleRate },
      mend: `Use a whole number from ${SAMPLE_RATES.least} to ${SAMPLE_RATES.most}.`,
    });
  }
}

/** Seconds from the first sample to the end of the last. */
export function soundSeconds({ sampleRate, channels }: Sound): number {
  return (channels[0]?.length ?? 0) / sampleRate;
}
