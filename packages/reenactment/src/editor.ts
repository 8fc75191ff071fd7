import {
  blend,
  type CallOptions,
  type Denoiser,
  ddim,
  ddimPlan,
  denoiser,
  edict,
  guides,
  inversionPlan,
  linearSchedule,
  maskedDenoiser,
  type Network,
  slerp,
  zeroTerminal,
} from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { gaussians } from "@prosopon/random";
import { type BatchedSession, batchedSession, type Host, type Program, tensorOf } from "@prosopon/runtime";
import { checkEmotion, checkPlanes, type EditSettings, type EditSettingsInput, editSettings } from "./edit-options.ts";
import { editTimes } from "./edit-times.ts";
import {
  decodeProgram,
  type EmotionDenoiser,
  emotionCondition,
  encodeProgram,
  type FirstStage,
  stepProgram,
} from "./programs.ts";
import { samplerOf } from "./sampler-of.ts";

/** float32 [B, C, H, W]: pictures in [-1, 1] or latents. */
export type Planes = Tensor<"float32">;

export interface CreateEditorOptions {
  readonly host: Host;
  readonly firstStage: FirstStage;
  readonly denoiser: EmotionDenoiser;
  /** How many edits at once share a run of the denoiser; default 1. Worth it on a graphics card, see docs/gateway.md. */
  readonly together?: number;
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

export interface InvertOptions extends Pick<EditSettingsInput, "strength" | "steps" | "guidance" | "guidanceRule"> {
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
  /** [1, 1, h, w] at the latents' resolution, 0..1: only where it is 1 may the picture change. Default: everywhere. */
  readonly mask?: Planes;
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

export interface GenerateOptions
  extends Pick<EditSettingsInput, "steps" | "guidance" | "guidanceRule" | "sampler" | "eta" | "seed"> {
  /** One picture for each; a name may stand there more than once. */
  readonly emotions: readonly string[];
  /** The same noise for every picture, so that they are one face with several emotions; default false. */
  readonly sameFace?: boolean;
  readonly signal?: AbortSignal;
}

export interface GenerateResult {
  readonly emotion: string;
  /** [1, 3, H, W], not clamped. */
  readonly image: Planes;
  /** [1, C, h, w]. */
  readonly latent: Planes;
}

export interface InterpolateOptions
  extends Pick<EditSettingsInput, "strength" | "steps" | "guidance" | "guidanceRule" | "sampler" | "eta" | "seed"> {
  /** Two pictures [1, 3, H, W] in [-1, 1]. */
  readonly images: readonly [Planes, Planes];
  /** The emotions that they show. */
  readonly from: readonly [string, string];
  /** The emotion of all that lies between; default: that of the nearer end. */
  readonly to?: string;
  /** λ of each picture, 0 is the first and 1 the second. */
  readonly lambdas: readonly number[];
  readonly signal?: AbortSignal;
}

export interface InterpolateResult {
  readonly lambda: number;
  readonly emotion: string;
  readonly image: Planes;
  readonly latent: Planes;
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
  /** New pictures from noise, each of an emotion (thesis section 4.3). */
  generate(options: GenerateOptions): AsyncGenerator<EditEvent, readonly GenerateResult[], undefined>;
  /** Pictures between two pictures: both are carried to noise, met half-way on a sphere (eq. 4.12) and sampled back. */
  interpolate(options: InterpolateOptions): AsyncGenerator<EditEvent, readonly InterpolateResult[], undefined>;
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

/** @throws `bad-input` for a mask that is not one plane at the latents' resolution, or leaves 0..1. */
function checkMask({ shape, data }: Planes, image: Planes, factor: number): void {
  const wanted = [1, 1, image.shape[2]! / factor, image.shape[3]! / factor];
  const fits = `${shape}` === `${wanted}`;
  if (fits && data.every((v) => v >= 0 && v <= 1)) return;
  throw new ProsoponError(
    "bad-input",
    fits ? "The mask leaves 0 to 1." : `The mask must be [${wanted}], not [${shape}].`,
    {
      values: { shape, wanted },
      mend: "Give one number from 0 to 1 for each place of the latents.",
    },
  );
}

/** The settings alone; what is left of the options is not theirs. */
const settingsOf = <
  T extends EditSettingsInput & {
    image?: unknown;
    latent?: unknown;
    mask?: unknown;
    from: string;
    to?: unknown;
    signal?: AbortSignal;
  },
>(
  options: T,
): EditSettings => {
  const { image: _, latent: __, from: ___, to: ____, signal: _____, mask: ______, ...settings } = options;
  return editSettings(settings);
};

/**
 * An editor: the picture is encoded, carried to noise by deterministic inversion under the emotion it shows (thesis section 4.4), sampled
 * back under the one wanted with classifier-free guidance, and decoded.
 *
 * Its generators yield after each network step and return the result. @throws `bad-input` for a setting out of range, an unknown emotion
 * or a shape that does not fit; `cancelled` when the signal fires; what the host throws.
 */
export async function createEditor({
  host,
  firstStage,
  denoiser: model,
  together = 1,
}: CreateEditorOptions): Promise<Editor> {
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
  const linear = linearSchedule({ start, end, times });
  const schedule = config.schedule.zeroTerminal ? zeroTerminal(linear) : linear;
  const factor = 2 ** (firstStage.config.ddconfig.ch_mult.length - 1);
  const condition = emotionCondition(config);
  const sessions = new Map<string, Promise<BatchedSession>>();

  /** Opened once for each key; a failed opening is tried again. */
  function opened(key: string, open: () => Promise<BatchedSession>): Promise<BatchedSession> {
    const found = sessions.get(key);
    if (found) return found;
    const opening = open();
    sessions.set(key, opening);
    opening.catch(() => sessions.delete(key));
    return opening;
  }
  const session = (kind: string, shape: readonly number[], build: () => Program) =>
    opened(`${kind} ${shape}`, async () => host.load(build()));

  async function run(
    opened: Promise<BatchedSession>,
    feeds: Parameters<BatchedSession["run"]>[0],
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
    const [rows, ...latent] = shape as [number, ...number[]];
    const step = opened(`${guiding ? "guided step" : "step"} ${shape}`, async () => {
      const program = (count: number) => stepProgram(model, [rows * count, ...latent], guiding);
      return together > 1 ? batchedSession({ host, program, most: together }) : host.load(program(1));
    });
    const weights = new Float32Array(rows).fill(guidance);
    const fixed = {
      ...(await condition.feeds(names, { name: "emotion" })),
      ...(guiding ? { guidance: tensor("float32", [rows, 1, 1, 1], weights) } : {}),
    };
    return async (noisy, time, options) => {
      const times = tensor("float32", [names.length], new Float32Array(names.length).fill(time));
      const output = await run(step, { ...fixed, noisy: tensor("float32", shape, noisy), time: times }, options);
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

  /** `starts` holds one sample, which every target gets, or one for each. */
  async function* sampled(
    starts: Planes,
    { to, signal, mask, clean }: Pick<EditAllOptions, "to" | "signal" | "mask"> & { readonly clean?: Planes },
    settings: EditSettings,
    { before = settings.steps, total = 2 * settings.steps, strength = settings.strength } = {},
  ): AsyncGenerator<EditEvent, Planes, undefined> {
    const { steps, guidance, sampler, eta, seed } = settings;
    const shape = [to.length, ...starts.shape.slice(1)];
    const size = starts.data.length / starts.shape[0]!;
    const plan = ddimPlan(schedule, editTimes(steps, strength, times), { eta });
    const free = denoiser(await network(shape, to, guidance), config.parameterization);
    const denoise = mask && clean ? maskedDenoiser(free, mask.data, clean.data) : free;
    const start = starts.shape[0] === to.length ? starts.data : repeated(starts.data, to.length);
    const samples = samplerOf(sampler, schedule, plan).sample(denoise, start, {
      ...call(signal),
      // The same noise for every target, so that a batch gives what its targets give alone.
      noise: (step) => repeated(gaussians(seed, "reenactment/sampling", step, size), to.length),
    });
    let last = tensor("float32", shape, start);
    for await (const { index, time, noisy: x, denoised } of samples) {
      last = tensor("float32", shape, x);
      yield {
        event: "sampling",
        index: before + index + 1,
        total,
        time,
        denoised: tensor("float32", shape, denoised),
      };
    }
    return mask && clean ? tensor("float32", shape, blend(mask.data, last.data, clean.data)) : last;
  }

  /** Coupled latents in float64, so that nothing is lost on the way there and back (see `edict`). */
  async function* exactly(
    clean: Planes,
    { from, to, signal, mask }: Pick<EditAllOptions, "from" | "to" | "signal" | "mask">,
    settings: EditSettings,
  ): AsyncGenerator<EditEvent, { readonly noisy: Planes; readonly edited: Planes }, undefined> {
    const { steps, strength, guidance, inversionGuidance = guidance } = settings;
    const total = 2 * steps;
    const coupled = edict(ddimPlan(schedule, editTimes(steps, strength, times)));
    const wide = async (shape: readonly number[], names: readonly string[], scale: number) => {
      const ask = await network(shape, names, scale);
      return denoiser<Float64Array>(
        async (x, time, options) => Float64Array.from(await ask(Float32Array.from(x), time, options)),
        config.parameterization,
      );
    };
    const planes = (shape: readonly number[], x: Float64Array) => tensor("float32", shape, Float32Array.from(x));
    const { shape } = clean;
    const exact = Float64Array.from(clean.data);
    let pair = { x: exact, y: exact };
    const up = await wide(shape, [from], inversionGuidance);
    for await (const step of coupled.invert(up, pair, call(signal))) {
      pair = step.pair as typeof pair;
      yield {
        event: "inversion",
        index: step.index + 1,
        total,
        time: step.time,
        denoised: planes(shape, step.denoised),
      };
    }
    const noisy = planes(shape, pair.x);
    const all = [to.length, ...shape.slice(1)];
    const many = (x: Float64Array) => Float64Array.from({ length: x.length * to.length }, (_, i) => x[i % x.length]!);
    pair = { x: many(pair.x), y: many(pair.y) };
    const free = await wide(all, to, guidance);
    const down: Denoiser<Float64Array> = mask ? maskedDenoiser(free, mask.data, exact) : free;
    for await (const step of coupled.sample(down, pair, call(signal))) {
      pair = step.pair as typeof pair;
      const index = steps + step.index + 1;
      yield { event: "sampling", index, total, time: step.time, denoised: planes(all, step.denoised) };
    }
    return { noisy, edited: planes(all, mask ? blend(mask.data, pair.x, exact) : pair.x) };
  }

  async function* editAll(options: EditAllOptions): AsyncGenerator<EditEvent, readonly EditResult[], undefined> {
    const { image, from, to, mask, signal } = options;
    const settings = settingsOf(options);
    checkPlanes(image, 3, factor, "picture");
    if (mask) checkMask(mask, image, factor);
    if (to.length === 0) throw new ProsoponError("bad-input", "No emotion is wanted.", { mend: "Name one in `to`." });
    for (const name of [from, ...to]) checkEmotion(emotions, name);
    editTimes(settings.steps, settings.strength, times);
    const clean = await encode(image, call(signal));
    const targets = { from, to, ...(mask ? { mask } : {}), ...call(signal) };
    let made: { readonly noisy: Planes; readonly edited: Planes };
    if (settings.inversion === "exact") made = yield* exactly(clean, targets, settings);
    else {
      const guidance = settings.inversionGuidance ?? settings.guidance;
      const up = yield* inverted({ latent: clean, from, ...call(signal) }, settings, guidance, 2 * settings.steps);
      made = { noisy: up, edited: yield* sampled(up, { ...targets, clean }, settings) };
    }
    const { noisy, edited } = made;
    const reconstruction = await decode(clean, call(signal));
    const results: EditResult[] = [];
    for (const [index, name] of to.entries()) {
      const latent = row(edited, index);
      const latents = { clean, noisy, edited: latent };
      results.push({ to: name, image: await decode(latent, call(signal)), reconstruction, latents });
    }
    return results;
  }

  const latentSide = firstStage.config.ddconfig.resolution / factor;

  async function* generate(options: GenerateOptions): AsyncGenerator<EditEvent, readonly GenerateResult[], undefined> {
    const { emotions: wanted, sameFace = false, signal, ...given } = options;
    const settings = editSettings(given);
    if (wanted.length === 0) throw new ProsoponError("bad-input", "No emotion is wanted.", { mend: "Name one." });
    for (const name of wanted) checkEmotion(emotions, name);
    const strength = times - 1;
    editTimes(settings.steps, strength, times);
    const shape = [1, unet.in_channels, latentSide, latentSide];
    const size = unet.in_channels * latentSide ** 2;
    const noise = new Float32Array(wanted.length * size);
    for (const index of wanted.keys())
      noise.set(gaussians(settings.seed, "reenactment/generation", sameFace ? 0 : index, size), index * size);
    const starts = tensor("float32", [wanted.length, ...shape.slice(1)], noise);
    const at = { before: 0, total: settings.steps, strength };
    const made = yield* sampled(starts, { to: wanted, ...call(signal) }, settings, at);
    const results: GenerateResult[] = [];
    for (const [index, emotion] of wanted.entries()) {
      const latent = row(made, index);
      results.push({ emotion, image: await decode(latent, call(signal)), latent });
    }
    return results;
  }

  async function* interpolate(
    options: InterpolateOptions,
  ): AsyncGenerator<EditEvent, readonly InterpolateResult[], undefined> {
    const { images, from, to, lambdas, signal, ...given } = options;
    const settings = editSettings(given);
    for (const one of images) checkPlanes(one, 3, factor, "picture");
    if (`${images[0].shape}` !== `${images[1].shape}`)
      throw new ProsoponError(
        "bad-input",
        `Pictures of [${images[0].shape}] and [${images[1].shape}] have no between.`,
        {
          mend: "Bring them to one size first.",
        },
      );
    for (const name of [...from, ...(to === undefined ? [] : [to])]) checkEmotion(emotions, name);
    if (lambdas.length === 0 || lambdas.some((l) => !(l >= 0 && l <= 1)))
      throw new ProsoponError("bad-input", `The positions ${lambdas} are none from 0 to 1.`, { values: { lambdas } });
    const { steps } = settings;
    const total = 3 * steps;
    const noises: Planes[] = [];
    for (const [which, image] of images.entries()) {
      const latent = await encode(image, call(signal));
      const walk = inverted({ latent, from: from[which]!, ...call(signal) }, settings, settings.guidance, total);
      for (;;) {
        const { done, value } = await walk.next();
        if (done) {
          noises.push(value);
          break;
        }
        yield { ...value, index: which * steps + value.index };
      }
    }
    const [a, b] = noises as [Planes, Planes];
    const size = a.data.length;
    const starts = new Float32Array(size * lambdas.length);
    for (const [i, lambda] of lambdas.entries()) starts.set(slerp(a.data, b.data, lambda), i * size);
    const wanted = lambdas.map((lambda) => to ?? from[lambda < 0.5 ? 0 : 1]);
    const shape = [lambdas.length, ...a.shape.slice(1)];
    const at = { before: 2 * steps, total };
    const planes = tensor("float32", shape, starts);
    const made = yield* sampled(planes, { to: wanted, ...call(signal) }, settings, at);
    const results: InterpolateResult[] = [];
    for (const [index, lambda] of lambdas.entries()) {
      const latent = row(made, index);
      results.push({ lambda, emotion: wanted[index]!, image: await decode(latent, call(signal)), latent });
    }
    return results;
  }

  return {
    emotions,
    generate,
    interpolate,
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
