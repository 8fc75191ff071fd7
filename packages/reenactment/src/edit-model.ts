import {
  type CallOptions,
  guides,
  linearSchedule,
  type Network,
  type NoiseSchedule,
  zeroTerminal,
} from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { type ActivationRanges, observedRanges, tensor } from "@prosopon/graph";
import { type BatchedSession, batchedSession, type Host, type Program, sessionPool, tensorOf } from "@prosopon/runtime";
import type { Planes } from "./planes.ts";
import {
  decodeProgram,
  type EmotionDenoiser,
  type EmotionDenoiserConfig,
  emotionCondition,
  encodeProgram,
  type FirstStage,
  type NetworkForm,
  stepProgram,
} from "./programs.ts";
import type { Precision } from "./samplers.ts";

export interface EditModelOptions {
  readonly host: Host;
  readonly firstStage: FirstStage;
  readonly denoiser: EmotionDenoiser;
  /** How many edits at once share a run of the denoiser; default 1. Worth it on a graphics card, see docs/gateway.md. */
  readonly together?: number;
  /** "int8" is for the processor alone, and wants `ranges` of both networks. Default: "float32". */
  readonly precision?: Precision;
}

/** Options of an edit model that watches itself. */
export interface ObservedOptions extends Omit<EditModelOptions, "precision" | "together"> {
  /** Called after every run of a network with what its activations were. */
  readonly onRanges: (ranges: ActivationRanges) => void;
}

/** @throws `bad-input` for int8 on another device than the processor, `not-found` where a network's ranges are not known. */
function checkInt8({ host, firstStage, denoiser }: EditModelOptions): void {
  if (host.device !== "cpu")
    throw new ProsoponError("bad-input", `int8 is for the processor, not for ${host.device}.`, {
      values: { device: host.device },
      mend: 'Use the device "cpu", or the precision "float32".',
    });
  for (const [name, { ranges }] of Object.entries({ "first stage": firstStage, denoiser }))
    if (!ranges)
      throw new ProsoponError("not-found", `int8 needs the ranges of the ${name}'s activations.`, {
        values: { network: name },
        mend: "Measure them once, with calibrate or `prosopon models calibrate MODEL`.",
      });
}

/** The networks of an editor on a host. Sessions open at their first use and close with it. */
export interface EditModel extends AsyncDisposable {
  readonly config: EmotionDenoiserConfig;
  readonly schedule: NoiseSchedule;
  /** How many times the schedule has. */
  readonly times: number;
  /** Sides of pictures over those of latents. */
  readonly factor: number;
  /** Side of the latents that the first stage was made for. */
  readonly latentSide: number;
  /** Pictures [B, 3, H, W] in [-1, 1] -> latents [B, C, h, w]. */
  encode(images: Planes, options?: CallOptions): Promise<Planes>;
  /** Latents [B, C, h, w] -> pictures [B, 3, H, W], not clamped. */
  decode(latents: Planes, options?: CallOptions): Promise<Planes>;
  /** The network for a batch of a shape [B, C, h, w], under one emotion for each sample. */
  network(shape: readonly number[], emotions: readonly string[], guidance: number): Promise<Network>;
}

/**
 * Networks whose sessions are opened when they are first asked.
 * @throws `bad-input` when denoiser and first stage do not fit each other, or for int8 on a graphics card; `not-found` for int8 without ranges.
 */
export function editModel(options: EditModelOptions | ObservedOptions): EditModel {
  const { host, firstStage, denoiser: model } = options;
  const { together = 1, precision = "float32" } = "onRanges" in options ? {} : options;
  const form: NetworkForm = "onRanges" in options ? "observed" : precision;
  if (precision === "int8") checkInt8(options);
  const { config } = model;
  const { scaleFactor, unet } = config;
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
  const sessions = sessionPool<string, BatchedSession>();
  const session = (kind: string, shape: readonly number[], build: () => Program) =>
    sessions.get(`${kind} ${shape}`, () => host.load(build()));

  async function run(
    opened: Promise<BatchedSession>,
    feeds: Parameters<BatchedSession["run"]>[0],
    { signal }: CallOptions = {},
  ): Promise<Planes> {
    const outputs = await (await opened).run(feeds, signal ? { signal } : {});
    if ("onRanges" in options) options.onRanges(observedRanges(outputs));
    return tensorOf(outputs, "result") as Planes;
  }

  const encode: EditModel["encode"] = (image, call) =>
    run(
      session("encode", image.shape, () => encodeProgram(firstStage, scaleFactor, image.shape, form)),
      { image },
      call,
    );

  const decode: EditModel["decode"] = (latent, call) =>
    run(
      session("decode", latent.shape, () => decodeProgram(firstStage, scaleFactor, latent.shape, form)),
      { latent },
      call,
    );

  async function network(shape: readonly number[], names: readonly string[], guidance: number): Promise<Network> {
    const guiding = guides(guidance);
    const [rows, ...latent] = shape as [number, ...number[]];
    const program = (count: number) => stepProgram(model, [rows * count, ...latent], guiding, form);
    const step = sessions.get(`${guiding ? "guided step" : "step"} ${shape}`, () =>
      batchedSession({ host, program, most: together }),
    );
    const weights = new Float32Array(rows).fill(guidance);
    const fixed = {
      ...(await condition.feeds(names, { name: "emotion" })),
      ...(guiding ? { guidance: tensor("float32", [rows, 1, 1, 1], weights) } : {}),
    };
    return async (noisy, time, call) => {
      const times = tensor("float32", [names.length], new Float32Array(names.length).fill(time));
      const output = await run(step, { ...fixed, noisy: tensor("float32", shape, noisy), time: times }, call);
      return output.data;
    };
  }

  return {
    config,
    schedule,
    times,
    factor,
    latentSide: firstStage.config.ddconfig.resolution / factor,
    encode,
    decode,
    network,
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
