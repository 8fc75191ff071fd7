import { dirname, resolve } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { tensor } from "@prosopon/graph";
import { type Image, toPlanar } from "@prosopon/media";
import type { ManifestOf, ModelKind } from "@prosopon/models";
import { listModels, type Model, openModel, openModelFolder } from "@prosopon/models/node";
import { createExpertRunner, createFaceFinder, emotionClassifier, type Face } from "@prosopon/perception";
import { createEditor, type Editor } from "@prosopon/reenactment";
import type { Host } from "@prosopon/runtime";
import { createHost } from "@prosopon/runtime/node";

export interface OpenReenactmentOptions {
  readonly folders: readonly string[];
  /** A name, or the path of a folder. */
  readonly model?: string | undefined;
  readonly device: "auto" | "cpu" | "webgpu" | "cuda";
  readonly signal: AbortSignal;
}

/** An emotion that was recognised, with its probability 0..1. */
export interface Recognised {
  readonly emotion: string;
  readonly confidence: number;
}

/** Everything that an edit needs. What is not needed is not opened. */
export interface Reenactment extends AsyncDisposable {
  readonly manifest: ManifestOf<"reenactment">;
  /** Side of its pictures in pixels. */
  readonly side: number;
  readonly host: Host;
  editor(): Promise<Editor>;
  /** Faces in a picture, the largest first; undefined where no face finder is installed. */
  faces(image: Image): Promise<readonly Face[] | undefined>;
  /** The emotion of a crop; undefined where no classifier is installed. */
  recognise(crop: Image): Promise<Recognised | undefined>;
}

const isPath = (model: string): boolean => /[\\/]/.test(model) || model === "." || model === "..";

/** The first reenactment model. @throws `not-found` when there is none. */
async function firstOf(folders: readonly string[], signal: AbortSignal): Promise<Model<"reenactment">> {
  const found = (await listModels(folders)).find((one) => one.manifest?.kind === "reenactment");
  if (found) return openModelFolder(found.folder, { kind: "reenactment", signal });
  throw new ProsoponError("not-found", `There is no reenactment model in ${folders.join(", ")}.`, {
    values: { folders },
    mend: "Train one (prosopon train --help), or give --model with the path of a model's folder.",
  });
}

/** The manifest comes first, so that wrong options are refused before anything is computed. */
export async function openReenactment({
  folders,
  model,
  device,
  signal,
}: OpenReenactmentOptions): Promise<Reenactment> {
  const denoiser =
    model === undefined
      ? await firstOf(folders, signal)
      : isPath(model)
        ? await openModelFolder(resolve(model), { kind: "reenactment", signal })
        : await openModel(folders, model, { kind: "reenactment", signal });
  const around = [dirname(denoiser.folder), ...folders];
  const stage = await openModel(around, denoiser.manifest.config.firstStage, { kind: "first-stage", signal });
  const { resolution } = stage.manifest.config.ddconfig;
  const host = await createHost({ device });
  let editor: Promise<Editor> | undefined;

  /** The first installed model of a kind that `better` likes best. */
  async function expert<Kind extends ModelKind>(
    kind: Kind,
    better: (manifest: ManifestOf<Kind>) => boolean,
  ): Promise<Model<Kind> | undefined> {
    const all = (await listModels(around)).filter((one) => one.manifest?.kind === kind);
    const chosen = all.find((one) => better(one.manifest as ManifestOf<Kind>)) ?? all[0];
    return chosen && openModelFolder(chosen.folder, { kind, signal });
  }

  return {
    manifest: denoiser.manifest,
    side: resolution,
    host,
    editor() {
      editor ??= createEditor({
        host,
        firstStage: { config: stage.manifest.config, parameters: stage.parameters },
        denoiser: { config: denoiser.manifest.config, parameters: denoiser.parameters },
      });
      return editor;
    },
    async faces(image) {
      const found = await expert("face-finder", () => true);
      if (!found) return undefined;
      const { size } = found.manifest.config;
      await using finder = await createFaceFinder({ host, parameters: found.parameters, size });
      const faces = await finder.find(image, { signal });
      return faces.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
    },
    async recognise(crop) {
      const { domain, config } = denoiser.manifest;
      // The judge first: it never trained anything, so it is the fairer witness.
      const found = await expert("emotion-classifier", (m) => m.domain === domain && m.config.role === "judge");
      if (!found || found.manifest.domain !== domain) return undefined;
      const { architecture, classes } = found.manifest.config;
      await using runner = createExpertRunner({
        host,
        expert: emotionClassifier({ architecture, classes: classes.length }),
        parameters: found.parameters,
      });
      const { data } = await runner.run(tensor("float32", [1, 3, crop.height, crop.width], toPlanar(crop)));
      const top = Math.max(...data);
      const weights = Array.from(data, (v) => Math.exp(v - top));
      const best = weights.indexOf(1);
      const emotion = classes[best];
      if (emotion === undefined || !config.emotions.includes(emotion)) return undefined;
      return { emotion, confidence: 1 / weights.reduce((a, b) => a + b) };
    },
    // Sessions end with their host.
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
