import {
  type CallOptions,
  ddim,
  ddimPlan,
  denoiser,
  guides,
  inversionPlan,
  linearSchedule,
  type Network,
} from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { scalar, type Tensor, tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { type Host, type Program, type Session, tensorOf } from "@prosopon/runtime";
import { checkEmotion, checkPlanes, type EditSettings, type EditSettingsInput, editSettings } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";
import { planSolver } from "./plan-solver.ts";
import {
  decodeProgram,
  type EmotionDenoiser,
  emotionCondition,
  encodeProgram,
  type FirstStage,
  stepProgram,
} from "./programs.ts";

/** float32 [B, C, H, W]: pictures in [-1, 1] or latents. */
export type Planes = Tensor<"float32">;

export interface CreateEditorOptions {
  readonly host: Host;
  readonly firstStage: FirstStage;
  readonly denoiser: EmotionDenoiser;
}

export interface EditEvent {
  /** On the way to noise, or back. */
  readonly event: "inversion" | "sampling";
  /** Steps done, 1..total. */
  readonly index: number;
  /** Steps of both ways together. */
  readonly total: number;
  /** The time that the network was asked at. */
  readonly time: number;
  /** Latents as seen without their noise, [B, C, h, w]. */
  readonly denoised: Planes;
}

export interface InvertOptions extends Pick<EditSettingsInput, "strength" | "steps" | "guidance"> {
  /** [1, C, h, w], from `encode`. */
  readonly latent: Planes;
  /** The emotion that the picture shows. */
  readonly from: string;
  readonly signal?: AbortSignal;
}

export interface EditAllOptions extends EditSettingsInput {
  /** One picture [1, 3, H, W] in [-1, 1]. */
  readonly image: Planes;
  /** The emotion that the picture shows. */
  readonly from: string;
  /** The emotions wanted; each gives a result, all from one inversion. */
  readonly to: readonly string[];
  readonly signal?: AbortSignal;
}

export interface EditOptions extends Omit<EditAllOptions, "to"> {
  readonly to: string;
}

export interface EditResult {
  readonly to: string;
  /** [1, 3, H, W], not clamped. */
  readonly image: Planes;
  /** What the first stage alone makes of the picture. */
  readonly reconstruction: Planes;
  /** [1, C, h, w]: of the picture, after inversion, after sampling. */
  readonly latents: { readonly clean: Planes; readonly noisy: Planes; readonly edited: Planes };
}

/** Edits pictures of one model on one host. Sessions open at their first use and close with it. */
export interface Editor extends AsyncDisposable {
  readonly emotions: readonly string[];
  /** Pictures [B, 3, H, W] in [-1, 1] -> latents [B, C, h, w]. */
  encode(images: Planes, options?: CallOptions): Promise<Planes>;
  /** Latents [B, C, h, w] -> pictures [B, 3, H, W], not clamped. */
  decode(latents: Planes, options?: CallOptions): Promise<Planes>;
  /** Carries a latent to the noise from which sampling with `from` would bring it back. */
  invert(options: InvertOptions): AsyncGenerator<EditEvent, Planes, undefined>;
  edit(options: EditOptions): AsyncGenerator<EditEvent, EditResult, undefined>;
  editAll(options: EditAllOptions): AsyncGenerator<EditEvent, readonly EditResult[], undefined>;
}

const repeated = (data: Float32Array, times: number): Float32Array => {
  const whole = new Float32Array(data.length * times);
  for (let i = 0; i < times; i++) whole.set(data, i * data.length);
  return whole;
};

const row = ({ shape, data }: Planes, index: number): Planes => {
  const [, ...rest] = shape;
  const length = data.length / shape[0]!;
  return tensor("float32", [1, ...rest], data.slice(index * length, (index + 1) * length));
};

/** The settings alone; what is left of the options is not theirs. */
const settingsOf = <
  T extends EditSettingsInput & { image?: unknown; latent?: unknown; from: string; to?: unknown; signal?: AbortSignal },
>(
  options: T,
): EditSettings => {
  const { image: _, latent: __, from: ___, to: ____, signal: _____, ...settings } = options;
  return editSettings(settings);
};

/**
 * An editor: the picture is encoded, carried to noise by deterministic inversion under the emotion it shows (thesis section 4.4), sampled
 * back under the one wanted with classifier-free guidance, and decoded.
 *
 * Its generators yield after each network step and return the result. @throws `bad-input` for a setting out of range, an unknown emotion
 * or a shape that does not fit; `cancelled` when the signal fires; what the host throws.
 */
export async function createEditor({ host, firstStage, denoiser: model }: CreateEditorOptions): Promise<Editor> {
  const { config } = model;
  const { emotions, scaleFactor, unet } = config;
  if (unet.in_channels !== firstStage.config.embed_dim)
    throw new ProsoponError(
      "bad-input",
      `The denoiser works on ${unet.in_channels} channels, the first stage makes ${firstStage.config.embed_dim}.`,
      {
        values: { in_channels: unet.in_channels, embed_dim: firstStage.config.embed_dim },
        mend: "Use the first stage that the denoiser was trained with.",
      },
    );
  const { linear_start: start, linear_end: end, timesteps: times } = config.schedule;
  const schedule = linearSchedule({ start, end, times });
  const factor = 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
  const condition = emotionCondition(config);
  const sessions = new Map<string, Promise<Session>>();

  /** Opened once for each kind and shape; a failed opening is tried again. */
  function session(kind: string, shape: readonly number[], build: () => Program): Promise<Session> {
    const key = `${kind} ${shape}`;
    const found = sessions.get(key);
    if (found) return found;
    const opening = (async () => host.load(build()))();
    sessions.set(key, opening);
    opening.catch(() => sessions.delete(key));
    return opening;
  }

  async function run(
    opened: Promise<Session>,
    feeds: Parameters<Session["run"]>[0],
    { signal }: CallOptions = {},
  ): Promise<Planes> {
    const outputs = await (await opened).run(feeds, signal ? { signal } : {});
    return tensorOf(outputs, "result") as Planes;
  }

  const encode: Editor["encode"] = (image, options) =>
    run(
      session("encode", image.shape, () => encodeProgram(firstStage, scaleFactor, image.shape)),
      { image },
      options,
    );

  const decode: Editor["decode"] = (latent, options) =>
    run(
      session("decode", latent.shape, () => decodeProgram(firstStage, scaleFactor, latent.shape)),
      { latent },
      options,
    );

  /** The network for a batch under one emotion each. */
  async function network(shape: readonly number[], names: readonly string[], guidance: number): Promise<Network> {
    const guiding = guides(guidance);
    const opened = session(guiding ? "guided step" : "step", shape, () => stepProgram(model, shape, guiding));
    const fixed = {
      ...(await condition.feeds(names, { name: "emotion" })),
      ...(guiding ? { guidance: scalar(guidance) } : {}),
    };
    return async (noisy, time, options) => {
      const times = tensor("float32", [names.length], new Float32Array(names.length).fill(time));
      const output = await run(opened, { ...fixed, noisy: tensor("float32", shape, noisy), time: times }, options);
      return output.data;
    };
  }

  const call = (signal: AbortSignal | undefined): CallOptions => (signal ? { signal } : {});

  async function* inverted(
    { latent, from, signal }: Pick<InvertOptions, "latent" | "from" | "signal">,
    { steps, strength }: EditSettings,
    guidance: number,
    total: number,
  ): AsyncGenerator<EditEvent, Planes, undefined> {
    const { shape } = latent;
    const plan = inversionPlan(schedule, editTimes(steps, strength, times));
    const denoise = denoiser(await network(shape, [from], guidance), config.parameterization);
    let last = latent;
    for await (const { index, time, noisy, denoised } of ddim(plan).sample(denoise, latent.data, call(signal))) {
      last = tensor("float32", shape, noisy);
      yield { event: "inversion", index: index + 1, total, time, denoised: tensor("float32", shape, denoised) };
    }
    return last;
  }

  async function* sampled(
    noisy: Planes,
    { to, signal }: Pick<EditAllOptions, "to" | "signal">,
    settings: EditSettings,
  ): AsyncGenerator<EditEvent, Planes, undefined> {
    const { steps, strength, guidance, sampler, eta, seed } = settings;
    const shape = [to.length, ...noisy.shape.slice(1)];
    const plan = ddimPlan(schedule, editTimes(steps, strength, times), { eta });
    const denoise = denoiser(await network(shape, to, guidance), config.parameterization);
    const samples = (sampler === "ddim" ? ddim(plan) : planSolver(plan)).sample(
      denoise,
      repeated(noisy.data, to.length),
      {
        ...call(signal),
        // The same noise for every target, so that a batch gives what its targets give alone.
        noise: (step) => repeated(gaussians(seed, "reenactment/sampling", step, noisy.data.length), to.length),
      },
    );
    let last = tensor("float32", shape, repeated(noisy.data, to.length));
    for await (const { index, time, noisy: x, denoised } of samples) {
      last = tensor("float32", shape, x);
      const done = steps + index + 1;
      yield { event: "sampling", index: done, total: 2 * steps, time, denoised: tensor("float32", shape, denoised) };
    }
    return last;
  }

  async function* editAll(options: EditAllOptions): AsyncGenerator<EditEvent, readonly EditResult[], undefined> {
    const { image, from, to, signal } = options;
    const settings = settingsOf(options);
    checkPlanes(image, 3, factor, "picture");
    if (to.length === 0) throw new ProsoponError("bad-input", "No emotion is wanted.", { mend: "Name one in `to`." });
    for (const name of [from, ...to]) checkEmotion(emotions, name);
    editTimes(settings.steps, settings.strength, times);
    const clean = await encode(image, call(signal));
    const guidance = settings.inversionGuidance ?? settings.guidance;
    const noisy = yield* inverted({ latent: clean, from, ...call(signal) }, settings, guidance, 2 * settings.steps);
    const edited = yield* sampled(noisy, { to, ...call(signal) }, settings);
    const reconstruction = await decode(clean, call(signal));
    const results: EditResult[] = [];
    for (const [index, name] of to.entries()) {
      const latent = row(edited, index);
      const latents = { clean, noisy, edited: latent };
      results.push({ to: name, image: await decode(latent, call(signal)), reconstruction, latents });
    }
    return results;
  }

  return {
    emotions,
    encode,
    decode,
    async *invert(options) {
      const settings = settingsOf(options);
      checkPlanes(options.latent, unet.in_channels, 1, "latent");
      checkEmotion(emotions, options.from);
      return yield* inverted(options, settings, settings.guidance, settings.steps);
    },
    async *edit({ to, ...options }) {
      return (yield* editAll({ ...options, to: [to] }))[0]!;
    },
    editAll,
    async [Symbol.asyncDispose]() {
      const open = [...sessions.values()];
      sessions.clear();
      for (const one of await Promise.allSettled(open))
        if (one.status === "fulfilled") await one.value[Symbol.asyncDispose]();
    },
  };
}
