import { ProsoponError } from "@prosopon/errors";
import { encodeModel, graph, input, lower, output, type Tensor, tensor, type Value } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import { type Host, type Session, tensorOf } from "@prosopon/runtime";
import { type AudioFeatures, checkFrames } from "./audio-features.ts";
import { framePlaces, interpolateRows } from "./interpolate-frames.ts";
import { wav2vec2 } from "./wav2vec2.ts";
import {
  extractedLength,
  fewestSamples,
  samplesPerVector,
  type Wav2Vec2Config,
  wav2vec2Base,
  wav2vec2LargeLetters,
} from "./wav2vec2-config.ts";
import { type Wav2Vec2Weight, wav2vec2Weights } from "./wav2vec2-weights.ts";

/**
 * "hidden": last hidden states of the base network, from the zero-mean unit-variance waveform; its extracted vectors are interpolated to the frames
 * before the transformer (the thesis' Transformer features). "letters": 29 logits of torchaudio's large network, from the waveform as it is; the
 * logits are interpolated (the thesis' ASR features). "ctc": the 32 logits of base-960h, from the zero-mean unit-variance waveform, the
 * logits interpolated.
 */
export type Wav2Vec2Kind = "hidden" | "letters" | "ctc";

const kinds = {
  hidden: { name: "wav2vec2-base-hidden", config: wav2vec2Base, normalise: true },
  letters: { name: "wav2vec2-large-letters", config: wav2vec2LargeLetters, normalise: false },
  ctc: { name: "wav2vec2-base-ctc", config: { ...wav2vec2Base, labels: 32 }, normalise: true },
} as const satisfies Record<Wav2Vec2Kind, { name: string; config: Wav2Vec2Config; normalise: boolean }>;

export interface Wav2Vec2FeaturesOptions {
  readonly kind: Wav2Vec2Kind;
  /** What runs it; stays the caller's. */
  readonly host: Host;
  /** A public file's tensors by name, see `wav2vec2Weights`. */
  readonly weights: ReadonlyMap<string, Wav2Vec2Weight>;
  /** The network's shape; default: the published one of this kind. */
  readonly config?: Wav2Vec2Config;
  /**
   * Longer recordings are run in pieces of so many seconds, each with `marginSeconds` more on both sides, because attention's cost grows with the
   * square; default 30. Values then differ slightly from those of the whole.
   */
  readonly pieceSeconds?: number;
  /** Default 3. */
  readonly marginSeconds?: number;
}

/** Features of wav2vec 2.0. They need the whole recording: there is no stream. Closing them frees the network. */
export interface Wav2Vec2Features extends AudioFeatures, AsyncDisposable {}

/**
 * wav2vec 2.0 as audio features. A recording within one video frame of the asked length is stretched to it, as the thesis does; a longer one is
 * cut, a shorter one followed by silence.
 * @throws `not-found` and `bad-input` for weights that do not fit.
 */
export function wav2vec2Features(options: Wav2Vec2FeaturesOptions): Wav2Vec2Features {
  const { kind, host, pieceSeconds = 30, marginSeconds = 3 } = options;
  const { name, normalise } = kinds[kind];
  const config = options.config ?? kinds[kind].config;
  if (kind !== "hidden" && config.labels === undefined)
    throw new ProsoponError("bad-input", `"${kind}" are characters, but the configuration has no labels.`, {
      values: { kind },
    });
  if (!(pieceSeconds > 0 && marginSeconds >= 0))
    throw new ProsoponError("bad-input", `Pieces of ${pieceSeconds} s with ${marginSeconds} s around are none.`, {
      values: { pieceSeconds, marginSeconds },
    });
  const size = kind === "hidden" ? config.width : config.labels!;
  // Hidden states want no head: neither its weights nor its cost.
  const { labels: _, ...body } = config;
  const network: Wav2Vec2Config = kind === "hidden" ? body : config;
  const parameters = wav2vec2Weights(options.weights, network);
  const sampleRate = 16000;
  let held: { readonly shape: string; readonly session: Promise<Session> } | undefined;

  /** The network for one length; the one before is closed, since each holds all weights. */
  async function sessionFor(samples: number, frames: number): Promise<Session> {
    const shape = `${samples} ${frames}`;
    if (held?.shape === shape) return held.session;
    const before = held;
    const g = graph({ name });
    const waveform = input(g, "waveform", "float32", [1, samples]);
    const row = (place: string) => input(g, place, "int64", [frames]);
    const [below, above, rest] = [row("below"), row("above"), input(g, "rest", "float32", [1, frames, 1])];
    const resample = (v: Value) => interpolateRows(v, below, above, rest);
    const made = wav2vec2(scope(g), waveform, network, kind === "hidden" ? { resample } : {});
    output(g, "features", kind === "hidden" ? made.hidden : resample(made.logits!));
    const session = (async () => {
      await (await before?.session.catch(() => undefined))?.[Symbol.asyncDispose]();
      return host.load({ model: encodeModel(lower(g), { parameters: "initializers" }), parameters });
    })();
    held = { shape, session };
    // A failed load is not remembered: the next one tries again.
    session.catch(() => {
      if (held?.session === session) held = undefined;
    });
    return session;
  }

  /** Frames `from` .. `to` - 1 of the recording, from the vectors around them. */
  async function rows(waveform: Float32Array, frames: number, from: number, to: number, signal?: AbortSignal) {
    const vectors = extractedLength(network, waveform.length);
    const { below, rest } = framePlaces(vectors, frames);
    const whole = to - from === frames;
    // As many vectors for every piece of one number of frames, so that they share a session.
    const count = whole ? vectors : Math.min(vectors, Math.ceil(((to - from - 1) * (vectors - 1)) / (frames - 1)) + 2);
    const first = Math.min(below[from]!, vectors - count);
    const start = first * samplesPerVector(network);
    const length = whole ? waveform.length : (count - 1) * samplesPerVector(network) + fewestSamples(network);
    const local = below.slice(from, to).map((row) => row - first);
    const session = await sessionFor(length, to - from);
    const feeds = {
      waveform: tensor("float32", [1, length], pieceOf(waveform, start, length)),
      below: tensor("int64", [to - from], local),
      above: tensor(
        "int64",
        [to - from],
        local.map((row) => Math.min(row + 1, count - 1)),
      ),
      rest: tensor("float32", [1, to - from, 1], rest.slice(from, to)),
    };
    return tensorOf(await session.run(feeds, signal ? { signal } : {}), "features").data as Float32Array;
  }

  // One extraction at a time: they share the session.
  let queue: Promise<unknown> = Promise.resolve();
  return {
    specification: "audio-features/v1",
    name,
    sampleRate,
    size,
    lookAheadSeconds: Number.POSITIVE_INFINITY,
    extract(given, frames, framesPerSecond, { signal } = {}): Promise<Tensor<"float32">> {
      const extraction = async () => {
        checkFrames(framesPerSecond, frames);
        const whole = fitted(checked(given), frames, sampleRate / framesPerSecond, fewestSamples(network));
        const waveform = normalise ? standardised(whole) : whole;
        const result = tensor("float32", [frames, size]);
        const perPiece = Math.max(1, Math.round(pieceSeconds * framesPerSecond));
        const margin = Math.round(marginSeconds * framesPerSecond);
        for (let first = 0; first < frames; first += perPiece) {
          if (signal?.aborted)
            throw new ProsoponError("cancelled", "The features were cancelled.", { cause: signal.reason as unknown });
          const last = Math.min(first + perPiece, frames);
          const from = Math.max(0, first - margin);
          const to = Math.min(frames, last + margin);
          const found = await rows(waveform, frames, from, to, signal);
          result.data.set(found.subarray((first - from) * size, (last - from) * size), first * size);
        }
        return result;
      };
      const done = queue.then(extraction);
      queue = done.catch(() => undefined);
      return done;
    },
    async [Symbol.asyncDispose]() {
      await queue;
      const last = held;
      held = undefined;
      await (await last?.session.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

/** `length` samples from `from` on, silent past the end. */
function pieceOf(waveform: Float32Array, from: number, length: number): Float32Array<ArrayBuffer> {
  const piece = new Float32Array(length);
  piece.set(waveform.subarray(from, from + length));
  return piece;
}

function checked(waveform: Float32Array): Float32Array {
  const wrong = waveform.findIndex((v) => !Number.isFinite(v));
  if (wrong < 0) return waveform;
  throw new ProsoponError("bad-input", `Sample ${wrong} of the sound is ${waveform[wrong]}, not finite.`, {
    values: { index: wrong },
    mend: "Repair the recording: its samples must be numbers.",
  });
}

/** The waveform as it is when it lasts about as long as the frames; else cut, or followed by silence. */
function fitted(
  waveform: Float32Array,
  frames: number,
  samplesPerFrame: number,
  fewest: number,
): Float32Array<ArrayBuffer> {
  const asked = frames * samplesPerFrame;
  const near = Math.abs(waveform.length - asked) <= samplesPerFrame;
  const length = Math.max(near ? waveform.length : Math.round(asked), fewest);
  return pieceOf(waveform, 0, length);
}

/** (x - mean) / sqrt(variance + 1e-7), the preprocessing of base-960h. */
function standardised(waveform: Float32Array): Float32Array<ArrayBuffer> {
  const mean = waveform.reduce((sum, v) => sum + v, 0) / waveform.length;
  const variance = waveform.reduce((sum, v) => sum + (v - mean) ** 2, 0) / waveform.length;
  const scale = 1 / Math.sqrt(variance + 1e-7);
  return Float32Array.from(waveform, (v) => (v - mean) * scale);
}
