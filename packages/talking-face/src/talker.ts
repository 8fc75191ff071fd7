import { type Controls, type TalkConditionName, type TalkConfig, talkConditions } from "@prosopon/conditioning";
import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Tensor, tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { tensorOf } from "@prosopon/runtime";
import { readAhead } from "./read-ahead.ts";
import { slidingWindows } from "./sliding-windows.ts";
import { type Planes, type TalkNetworksOptions, talkNetworks } from "./talk-networks.ts";
import { type TalkSettingsInput, talkSettings } from "./talk-settings.ts";
import type { TalkState } from "./talk-state.ts";

export type CreateTalkerOptions = TalkNetworksOptions;

export interface TalkInput extends TalkSettingsInput {
  /** Who speaks: [1, 3, H, W] in [-1, 1], the sides multiples of the first stage's factor. */
  readonly portrait: Planes;
  /** Features of the speech, a row for each frame (see `AudioFeatures`), as they come; the frames end with them. */
  readonly speech: AsyncIterable<Float32Array> | Iterable<Float32Array>;
  readonly emotion: string | ((index: number) => string);
  /** At which rate the rows come; default the model's, which it knows best. */
  readonly framesPerSecond?: number;
  /** What moves the portrait at frame k; still if not given. Models without controls ignore it. */
  readonly controls?: (index: number) => Controls<string>;
  /** Masked target frames [1, 3, H, W], one for each frame, from a driving video; the model must have been trained with them. */
  readonly masked?: AsyncIterable<Planes> | Iterable<Planes>;
  /** 68 landmarks of the driving video at frame k, in 0..1, for models that are told them. */
  readonly landmarks?: (index: number) => readonly (readonly [number, number])[];
}

export interface SynthesizeOptions {
  /** Goes on after the frame that gave this state, with the same input from its beginning. */
  readonly from?: TalkState;
  readonly signal?: AbortSignal;
}

export interface TalkFrame {
  readonly index: number;
  /** When it is shown, seconds. */
  readonly pts: number;
  readonly width: number;
  readonly height: number;
  /** RGB, row by row. */
  readonly pixels: Uint8Array;
  /** Latent [1, C, h, w]. */
  readonly latent: Planes;
  /** What the next frame needs. */
  readonly state: TalkState;
  /** How long the parts of it took. */
  readonly milliseconds: { readonly denoise: number; readonly decode: number };
}

/** Makes portraits speak, with one model on one or two hosts. Sessions open at their first use and close with it. */
export interface Talker extends AsyncDisposable {
  readonly config: TalkConfig;
  /**
   * Frames one after another (thesis section 5.2): each sees the identity picture, the latents before it and the speech around it. The same
   * input gives the same frames, also when it goes on from a state.
   * @throws `bad-input` for settings out of range, an unknown emotion, a picture of a shape that does not fit; `cancelled`; what hosts throw.
   */
  synthesize(input: TalkInput, options?: SynthesizeOptions): AsyncGenerator<TalkFrame, void, undefined>;
  /** Opens the sessions of these settings, so that the first frame comes soon. */
  prepare(input: { readonly width: number; readonly height: number } & TalkSettingsInput): Promise<void>;
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ProsoponError("cancelled", "The synthesis was cancelled.", { cause: signal.reason });
}

/** A talker. @throws `bad-input` when the denoiser and the first stage do not fit each other. */
export function createTalker(options: CreateTalkerOptions): Talker {
  const networks = talkNetworks(options);
  const { config, latentOf, open, encode, detailOf } = networks;
  const { emotions, conditions: told } = config;

  async function* synthesize(
    {
      portrait,
      speech,
      emotion,
      framesPerSecond = config.framesPerSecond,
      controls,
      masked,
      landmarks,
      ...rest
    }: TalkInput,
    { from, signal }: SynthesizeOptions = {},
  ): AsyncGenerator<TalkFrame, void, undefined> {
    const settings = talkSettings(rest);
    const { seed } = settings;
    const [batch, depth, height, width] = portrait.shape;
    if (portrait.shape.length !== 4 || batch !== 1 || depth !== 3)
      throw new ProsoponError("bad-input", `The portrait must be [1, 3, H, W], not [${portrait.shape}].`, {
        values: { shape: portrait.shape },
      });
    if (masked && !told.masked)
      throw new ProsoponError("bad-input", "This model takes no masked frames, so it cannot dub a video.", {
        mend: "Use a model that was trained with the masked target, or let the portrait speak alone.",
      });
    const latent = latentOf(width!, height!);
    const emotionAt = typeof emotion === "function" ? emotion : () => emotion;
    checkEmotion(emotions, emotionAt(from?.index ?? 0));
    checkSignal(signal);
    const shape = [1, ...latent];
    const size = sizeOf(latent);
    const { frame, pixels, draws, guided } = open(latent, settings);
    const call = signal ? { signal } : {};
    const none = tensor("float32", latent);
    const bare = ({ data }: Planes) => tensor("float32", latent, data);
    const names = told.controls?.names ?? [];
    const still = Object.fromEntries(names.map((name) => [name, 0]));
    const encoders = talkConditions(config, latent);
    const keys = Object.keys(encoders.encoders) as TalkConditionName[];
    const memory = told.motion ?? 0;

    const own = await encode(portrait, call);
    const anchor = from?.identity ?? own;
    const blank = tensor("float32", portrait.shape);
    const { base, detail } = settings.detail ? await detailOf(portrait, own, call) : { base: blank, detail: blank };
    let identity = anchor;
    let motion: readonly Planes[] = from?.motion ?? Array.from({ length: memory }, () => anchor);
    const driving = masked === undefined ? undefined : iterate(masked);
    const { before = 0, after = 0 } = told.audio ?? {};
    const first = from?.index ?? 0;
    for (let skipped = 0; driving && skipped < first; skipped++) await driving.next();

    async function latentAt(index: number, rows: readonly Float32Array[]): Promise<Planes> {
      const target = driving ? await driving.next() : undefined;
      if (target?.done)
        throw new ProsoponError("bad-input", `The driving frames end at frame ${index}, before the speech.`, {
          values: { index },
          mend: "Give as many frames as the speech has.",
        });
      const raw: Record<TalkConditionName, () => unknown> = {
        emotion: () => emotionAt(index),
        audio: () => windowTensor(rows),
        controls: () => controls?.(index) ?? still,
        landmarks: () => landmarks?.(index),
        masked: () => (target ? target.value : undefined),
        identity: () => bare(identity),
        motion: () => motion.map(bare),
      };
      const maskedLatent = target ? bare(await encode(target.value as Planes, call)) : none;
      const feeds = await encoders.feeds(
        Object.fromEntries(keys.map((key) => [key, [key === "masked" ? maskedLatent : raw[key]()]])) as never,
      );
      const key = settings.noise === "still" ? 0 : index;
      const noise = tensor("float32", shape, gaussians(seed, "talking-face/start", key, size));
      const fresh =
        draws > 0
          ? {
              fresh: tensor(
                "float32",
                [1, draws, ...latent],
                gaussians(seed, "talking-face/steps", index, draws * size),
              ),
            }
          : {};
      const one = (value: number) => tensor("float32", [1, 1, 1, 1], [value]);
      const weights = {
        ...Object.fromEntries(
          guided.map((name) => [
            `guidance/${name}`,
            one(name === "emotion" ? settings.guidance : settings.audioGuidance),
          ]),
        ),
        ...(guided.length > 1 ? { giveWay: one(settings.giveWay) } : {}),
      };
      return tensorOf(await (await frame).run({ ...feeds, ...fresh, ...weights, noise }, call), "result") as Planes;
    }

    const decode = async (index: number, made: Planes, state: TalkState, denoise: number): Promise<TalkFrame> => {
      const begun = performance.now();
      const bytes = tensorOf(await (await pixels).run({ latent: made, base, detail }, call), "result")
        .data as Uint8Array;
      const decode = performance.now() - begun;
      const shown = { index, pts: index / framesPerSecond, width: width!, height: height!, pixels: bytes };
      return { ...shown, latent: made, state, milliseconds: { denoise, decode } };
    };

    async function* decoding(): AsyncGenerator<{ readonly frame: Promise<TalkFrame> }, void, undefined> {
      try {
        for await (const { index, rows } of slidingWindows(speech, { before, after, from: first })) {
          checkSignal(signal);
          const begun = performance.now();
          const made = await latentAt(index, rows);
          if (settings.identity === "previous") identity = made;
          if (memory > 0 && settings.history === "made") motion = [...motion, made].slice(-memory);
          else if (settings.identity === "previous") motion = motion.map(() => identity);
          const frame = decode(index, made, { index: index + 1, identity, motion }, performance.now() - begun);
          // Seen by the consumer; until then it is no unhandled rejection.
          frame.catch(() => {});
          yield { frame };
        }
      } finally {
        await driving?.return?.();
      }
    }

    // A frame is decoded while the next one is denoised.
    for await (const { frame: made } of readAhead(decoding())) {
      checkSignal(signal);
      yield await made;
    }
  }

  return {
    config,
    synthesize,
    async prepare({ width, height, ...rest }) {
      const [settings, latent] = [talkSettings(rest), latentOf(width, height)];
      const { frame, pixels } = open(latent, settings);
      const detail = settings.detail ? [networks.decoder([1, ...latent])] : [];
      await Promise.all([frame, pixels, networks.encoder([1, 3, height, width]), ...detail]);
    },
    [Symbol.asyncDispose]: () => networks[Symbol.asyncDispose](),
  };
}

function windowTensor(rows: readonly Float32Array[]): Tensor<"float32"> {
  const size = rows[0]!.length;
  const window = tensor("float32", [rows.length, size]);
  rows.forEach((row, i) => {
    window.data.set(row, i * size);
  });
  return window;
}

async function* iterate<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* items;
}

function checkEmotion(emotions: readonly string[], name: string): void {
  if (emotions.includes(name)) return;
  throw new ProsoponError("bad-input", `This model knows no emotion ${JSON.stringify(name)}.`, {
    values: { emotion: name, emotions },
    mend: `Use one of ${emotions.join(", ")}.`,
  });
}
