import type { ManifestOf } from "@prosopon/models";
import { createEditor, type Editor } from "@prosopon/reenactment";
import type { DeviceName, Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";
import { type FaceExperts, faceExperts } from "./face-experts.ts";
import { openDenoiser } from "./open-denoiser.ts";

export interface OpenModelOptions {
  readonly folders: readonly string[];
  /** A name, or the path of a folder. */
  readonly model?: string | undefined;
  readonly device: DeviceName | "auto";
  /** How many runs at once share a call of the network; default 1. */
  readonly together?: number | undefined;
  readonly signal: AbortSignal;
}

/** Everything that an edit needs. What is not needed is not opened. */
export interface Reenactment extends FaceExperts, AsyncDisposable {
  readonly manifest: ManifestOf<"reenactment">;
  /** Side of its pictures in pixels. */
  readonly side: number;
  readonly host: Host;
  editor(): Promise<Editor>;
}

/** The manifest comes first, so that wrong options are refused before anything is computed. */
export async function openReenactment({ device, together = 1, ...options }: OpenModelOptions): Promise<Reenactment> {
  const { denoiser, firstStage, around } = await openDenoiser({ ...options, kind: "reenactment" });
  const { manifest } = denoiser;
  const host = await createHost({ device });
  let editor: Promise<Editor> | undefined;
  const { domain, config } = manifest;
  return {
    manifest,
    side: firstStage.manifest.config.ddconfig.resolution,
    host,
    ...faceExperts({ host, folders: around, domain, emotions: config.emotions, signal: options.signal }),
    editor() {
      editor ??= createEditor({
        host,
        firstStage: { config: firstStage.manifest.config, parameters: firstStage.parameters },
        denoiser: { config, parameters: denoiser.parameters },
        together,
      });
      return editor;
    },
    // Sessions end with their host.
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
