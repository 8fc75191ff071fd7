import { ProsoponError } from "@prosopon/errors";
import type { ManifestOf } from "@prosopon/models";
import { createEditor, type Editor, type Precision } from "@prosopon/reenactment";
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
  /** In float32, if nothing else is said. @throws `not-found` for int8 of a model that was not calibrated; `bad-input` for it on a graphics card. */
  editor(precision?: Precision): Promise<Editor>;
}

/** The manifest comes first, so that wrong options are refused before anything is computed. */
export async function openReenactment({ device, together = 1, ...options }: OpenModelOptions): Promise<Reenactment> {
  const { denoiser, firstStage, around } = await openDenoiser({ ...options, kind: "reenactment" });
  const { manifest } = denoiser;
  const host = await createHost({ device });
  const editors = new Map<Precision, Promise<Editor>>();
  const { domain, config } = manifest;
  return {
    manifest,
    side: firstStage.manifest.config.ddconfig.resolution,
    host,
    ...faceExperts({ host, folders: around, domain, emotions: config.emotions, signal: options.signal }),
    async editor(precision = "float32") {
      for (const { ranges, manifest: of } of precision === "int8" ? [denoiser, firstStage] : [])
        if (!ranges)
          throw new ProsoponError("not-found", `The model ${of.name} was not calibrated for int8.`, {
            values: { name: of.name },
            mend: `Do so once: prosopon models calibrate ${manifest.name}`,
          });
      const found =
        editors.get(precision) ??
        createEditor({
          host,
          firstStage: {
            config: firstStage.manifest.config,
            parameters: firstStage.parameters,
            ranges: firstStage.ranges,
          },
          denoiser: { config, parameters: denoiser.parameters, ranges: denoiser.ranges },
          together,
          precision,
        });
      editors.set(precision, found);
      return found;
    },
    // Sessions end with their host.
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
