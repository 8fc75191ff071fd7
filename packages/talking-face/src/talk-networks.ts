import type { LatentShape, TalkConditionName, TalkConfig } from "@prosopon/conditioning";
import { ddimPlan, linearSchedule } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { type Tensor, tensor } from "@prosopon/graph";
import { type BatchedSession, batchedSession, type Host, type Program, sessionPool, tensorOf } from "@prosopon/runtime";
import { frameTimes } from "./frame-times.ts";
import { guidedConditions } from "./guided-frame.ts";
import { decodeProgram, encodeProgram, frameProgram, pixelsProgram } from "./programs.ts";
import type { FirstStage, TalkDenoiser } from "./talk-model.ts";
import type { TalkSettings } from "./talk-settings.ts";

/** float32 [1, C, H, W]: a picture in [-1, 1] or a latent. */
export type Planes = Tensor<"float32">;

export interface TalkNetworksOptions {
  /** Runs the encoder and the denoiser. */
  readonly host: Host;
  /** Runs the decoder, so that a frame is decoded while the next one is denoised; default: `host`. */
  readonly decoderHost?: Host;
  readonly firstStage: FirstStage;
  readonly denoiser: TalkDenoiser;
  /** How many speakers at once share a run of the denoiser; default 1. Worth it on a graphics card, see docs/gateway.md. */
  readonly together?: number;
}

interface CallOptions {
  readonly signal?: AbortSignal;
}

/** The sessions that make frames under some settings, and what they must be fed for it. */
export interface FrameSessions {
  readonly frame: Promise<BatchedSession>;
  readonly pixels: Promise<BatchedSession>;
  /** Draws of noise for a frame. */
  readonly draws: number;
  /** Conditions whose weight is fed as `guidance/NAME`. */
  readonly guided: readonly TalkConditionName[];
}

/** The networks of a talker on its hosts. Sessions open at their first use and close with it. */
export interface TalkNetworks extends AsyncDisposable {
  readonly config: TalkConfig;
  /** Of a portrait's latent. @throws `bad-input` for sides that are no multiples of the first stage's factor. */
  latentOf(width: number, height: number): LatentShape;
  open(latent: LatentShape, settings: TalkSettings): FrameSessions;
  /** For pictures of a shape. */
  encoder(shape: readonly number[]): Promise<BatchedSession>;
  /** For latents of a shape, of which `detailOf` wants the picture. */
  decoder(shape: readonly number[]): Promise<BatchedSession>;
  /** Picture [1, 3, H, W] -> latent [1, C, h, w]. */
  encode(image: Planes, options: CallOptions): Promise<Planes>;
  /** What the first stage makes of the portrait, and what it loses of it. */
  detailOf(portrait: Planes, latent: Planes, options: CallOptions): Promise<{ base: Planes; detail: Planes }>;
}

/** @throws `bad-input` when the denoiser and the first stage do not fit each other. */
export function talkNetworks(options: TalkNetworksOptions): TalkNetworks {
  const { host, decoderHost = host, firstStage, denoiser: model, together = 1 } = options;
  const { config } = model;
  const { scaleFactor } = config;
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

  const encoder: TalkNetworks["encoder"] = (shape) =>
    session(`encode ${shape}`, host, () => encodeProgram(firstStage, scaleFactor, shape));
  const decoder: TalkNetworks["decoder"] = (shape) =>
    session(`decode ${shape}`, decoderHost, () => decodeProgram(firstStage, config, shape));

  return {
    config,
    encoder,
    decoder,
    latentOf(width, height) {
      const fits = (side: number) => Number.isInteger(side) && side > 0 && side % factor === 0;
      if (fits(width) && fits(height)) return [channels, height / factor, width / factor];
      throw new ProsoponError("bad-input", `A portrait of ${width} x ${height} pixels does not fit this model.`, {
        values: { width, height },
        mend: `Width and height must be multiples of ${factor}.`,
      });
    },
    open(latent, settings) {
      const { steps, eta } = settings;
      const guided = guidedConditions(config, settings);
      const plan = ddimPlan(schedule, frameTimes(steps, times), { eta });
      const shape = [1, ...latent];
      const program = (batch: number) => frameProgram(model, { plan, latent, guided, batch });
      return {
        frame: sessions.get(`frame ${shape} ${steps} ${eta} ${guided}`, () =>
          batchedSession({ host, program, most: together }),
        ),
        pixels: session(`pixels ${shape}`, decoderHost, () => pixelsProgram(firstStage, config, shape)),
        draws: eta > 0 ? plan.length : 0,
        guided,
      };
    },
    async encode(image, call) {
      return tensorOf(await (await encoder(image.shape)).run({ image }, call), "result") as Planes;
    },
    async detailOf(portrait, latent, call) {
      const base = tensorOf(await (await decoder(latent.shape)).run({ latent }, call), "result") as Planes;
      const lost = portrait.data.map((v, i) => v - base.data[i]!);
      return { base, detail: tensor("float32", portrait.shape, lost) };
    },
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}
