import {
  type Controls,
  type LatentShape,
  type TalkConditionName,
  type TalkConfig,
  talkConditions,
} from "@prosopon/conditioning";
import { ddimPlan, linearSchedule } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { type BatchedSession, batchedSession, type Host, type Program, sessionPool, tensorOf } from "@prosopon/runtime";
import { frameTimes } from "./frame-times.ts";
import { decodeProgram, encodeProgram, frameProgram, pixelsProgram } from "./programs.ts";
import { readAhead } from "./read-ahead.ts";
import { slidingWindows } from "./sliding-windows.ts";
import type { FirstStage, TalkDenoiser } from "./talk-model.ts";
import { type TalkSettings, type TalkSettingsInput, talkSettings } from "./talk-settings.ts";
import type { TalkState } from "./talk-state.ts";

/** float32 [1, C, H, W]: a picture in [-1, 1] or a latent. */
export type Planes = Tensor<"float32">;

export interface CreateTalkerOptions {
  /** Runs the encoder and the denoiser. */
  readonly host: Host;
  /** Runs the decoder, so that a frame is decoded while the next one is denoised; default: `host`. */
  readonly decoderHost?: Host;
  readonly firstStage: FirstStage;
  readonly denoiser: TalkDenoiser;
  /** How many speakers at once share a run of the denoiser; default 1. Worth it on a graphics card, see docs/gateway.md. */
  readonly together?: number;
}

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
export function createTalker({
  host,
  decoderHost = host,
  firstStage,
  denoiser: model,
  together = 1,
}: CreateTalkerOptions): Talker {
  const { config } = model;
  const { emotions, scaleFactor, conditions: told } = config;
  const channels = firstStage.config.embed_dim;
  if (config.unet.out_channels !== channels)
    throw new ProsoponError(
      "bad-input",
      `The denoiser makes ${config.unet.out_channels} channels, the first stage takes ${channels}.`,
      {
        values: { out_channels: config.unet.out_channels, embed_dim: channels },
        mend: "Use the first stage that the denoiser was trained with.",
      },
    );
  const factor = 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
  const { linear_start: start, linear_end: end, timesteps: times } = config.schedule;
  const schedule = linearSchedule({ start, end, times });
  const sessions = sessionPool<string, BatchedSession>();
  const session = (key: string, where: Host, build: () => Program) => sessions.get(key, () => where.load(build()));

  const latentOf = (width: number, height: number): LatentShape => {
    const fits = (side: number) => Number.isInteger(side) && side > 0 && side % factor === 0;
    if (fits(width) && fits(height)) return [channels, height / factor, width / factor];
    throw new ProsoponError("bad-input", `A portrait of ${width} x ${height} pixels does not fit this model.`, {
      values: { width, height },
      mend: `Width and height must be multiples of ${factor}.`,
    });
  };

  const guidedOf = ({ guidance, audioGuidance }: TalkSettings): TalkConditionName[] => [
    ...(told.emotion && guidance !== 1 ? (["emotion"] as const) : []),
    // The attentions of the reference never learned what no speech is.
    ...(told.audio?.encode === "convolutional" && audioGuidance !== 1 ? (["audio"] as const) : []),
  ];

  function open(latent: LatentShape, settings: TalkSettings) {
    const { steps, eta } = settings;
    const guided = guidedOf(settings);
    const plan = ddimPlan(schedule, frameTimes(steps, times), { eta });
    const shape = [1, ...latent];
    return {
      frame: sessions.get(`frame ${shape} ${steps} ${eta} ${guided}`, () => {
        const program = (batch: number) => frameProgram(model, { plan, latent, guided, batch });
        return together > 1 ? batchedSession({ host, program, most: together }) : host.load(program(1));
      }),
      pixels: session(`pixels ${shape}`, decoderHost, () => pixelsProgram(firstStage, config, shape)),
      draws: eta > 0 ? plan.length : 0,
      guided,
    };
  }

  function encoder(image: Planes) {
    return session(`encode ${image.shape}`, host, () => encodeProgram(firstStage, scaleFactor, image.shape));
  }

  /** What the first stage makes of the portrait, and what it loses of it. */
  async function detailOf(
    portrait: Planes,
    latent: Planes,
    { detail }: TalkSettings,
    call: { readonly signal?: AbortSignal },
  ): Promise<{ readonly base: Planes; readonly detail: Planes }> {
    const none = tensor("float32", portrait.shape);
    if (!detail) return { base: none, detail: none };
    const program = () => decodeProgram(firstStage, config, latent.shape);
    const opened = await session(`decode ${latent.shape}`, decoderHost, program);
    const base = tensorOf(await opened.run({ latent }, call), "result") as Planes;
    const lost = portrait.data.map((v, i) => v - base.data[i]!);
    return { base, detail: tensor("float32", portrait.shape, lost) };
  }

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
    const size = latent.reduce((a, b) => a * b, 1);
    const { frame, pixels, draws, guided } = open(latent, settings);
    const call = signal ? { signal } : {};
    const encode = async (image: Planes) =>
      tensorOf(await (await encoder(image)).run({ image }, call), "result") as Planes;
    const none = tensor("float32", latent);
    const bare = ({ data }: Planes) => tensor("float32", latent, data);
    const names = told.controls?.names ?? [];
    const still = Object.fromEntries(names.map((name) => [name, 0]));
    const encoders = talkConditions(config, latent);
    const keys = Object.keys(encoders.encoders) as TalkConditionName[];
    const memory = told.motion ?? 0;

    const own = await encode(portrait);
    const anchor = from?.identity ?? own;
    const { base, detail } = await detailOf(portrait, own, settings, call);
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
      const maskedLatent = target ? bare(await encode(target.value as Planes)) : none;
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
      const weights = Object.fromEntries(
        guided.map((name) => [
          `guidance/${name}`,
          tensor("float32", [1, 1, 1, 1], [name === "emotion" ? settings.guidance : settings.audioGuidance]),
        ]),
      );
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
      const { frame, pixels } = open(latentOf(width, height), talkSettings(rest));
      await Promise.all([frame, pixels, encoder(tensor("float32", [1, 3, height, width]))]);
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
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
