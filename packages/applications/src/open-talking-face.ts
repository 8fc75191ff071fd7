import type { ManifestOf } from "@prosopon/models";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { createTalker, type Talker } from "@prosopon/talking-face";
import { type FaceExperts, faceExperts } from "./face-experts.ts";
import { openDenoiser } from "./open-denoiser.ts";
import type { OpenModelOptions } from "./open-reenactment.ts";

/** Everything that a speaking portrait needs. */
export interface TalkingFace extends FaceExperts, AsyncDisposable {
  readonly manifest: ManifestOf<"talking-face">;
  /** Side of its pictures in pixels. */
  readonly side: number;
  readonly host: Host;
  readonly talker: Talker;
}

/** Opens a talking-face model with its first stage. On the CPU one thread denoises while another decodes the frame before. */
export async function openTalkingFace({ device, together = 1, ...options }: OpenModelOptions): Promise<TalkingFace> {
  const { denoiser, firstStage, around } = await openDenoiser({ ...options, kind: "talking-face" });
  const { manifest } = denoiser;
  const { domain, config } = manifest;
  const host = await createHost({ device, ...(device === "cpu" ? { threads: 1 } : {}) });
  const decoderHost = host.device === "cpu" ? await createHost({ device: "cpu", threads: 1 }) : host;
  const { latentSide: _, firstStage: __, ...talkConfig } = config;
  return {
    manifest,
    side: firstStage.manifest.config.ddconfig.resolution,
    host,
    ...faceExperts({ host, folders: around, domain, emotions: config.emotions, signal: options.signal }),
    talker: createTalker({
      host,
      decoderHost,
      firstStage: { config: firstStage.manifest.config, parameters: firstStage.parameters },
      denoiser: { config: talkConfig, parameters: denoiser.parameters },
      together,
    }),
    async [Symbol.asyncDispose]() {
      // Sessions end with their host.
      await Promise.all([host[Symbol.asyncDispose](), decoderHost[Symbol.asyncDispose]()]);
    },
  };
}
