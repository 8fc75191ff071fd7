import type { Tensor } from "@prosopon/graph";
import type { Image } from "@prosopon/media";
import type { Manifest, ManifestOf, ModelKind } from "@prosopon/models";
import { listModels, type Model, openModelFolder } from "@prosopon/models/node";
import {
  createExpertRunner,
  createFaceFinder,
  emotionClassifier,
  type Face,
  portraitLandmarks,
} from "@prosopon/perception";
import type { Host } from "@prosopon/runtime";
import { planesOf } from "./planes.ts";

/** An emotion that was recognised, with its probability 0..1. */
export interface Recognised {
  readonly emotion: string;
  readonly confidence: number;
}

/** What looks at faces beside a model: opened when it is first asked. */
export interface FaceExperts {
  /** Faces in a picture, the largest first; undefined where no face finder is installed. */
  faces(image: Image): Promise<readonly Face[] | undefined>;
  /** The emotion of a crop; undefined where no classifier for the model's domain and emotions is installed. */
  recognise(crop: Image): Promise<Recognised | undefined>;
  /** 68 points in 0..1 of each crop [1, 3, H, W]; undefined where no landmark model for the domain is installed. */
  landmarks(crops: readonly Tensor<"float32">[]): Promise<(readonly (readonly [number, number])[])[] | undefined>;
}

export interface FaceExpertsOptions {
  readonly host: Host;
  readonly folders: readonly string[];
  readonly domain: Manifest["domain"];
  /** Emotions that the model knows. */
  readonly emotions: readonly string[];
  readonly signal: AbortSignal;
}

export function faceExperts({ host, folders, domain, emotions, signal }: FaceExpertsOptions): FaceExperts {
  /** The first installed model of a kind that `better` likes best. */
  async function expert<Kind extends ModelKind>(
    kind: Kind,
    better: (manifest: ManifestOf<Kind>) => boolean,
  ): Promise<Model<Kind> | undefined> {
    const all = (await listModels(folders)).filter((one) => one.manifest?.kind === kind);
    const chosen = all.find((one) => better(one.manifest as ManifestOf<Kind>)) ?? all[0];
    return chosen && openModelFolder(chosen.folder, { kind, signal });
  }
  const openFinder = async () => {
    const found = await expert("face-finder", () => true);
    return found && createFaceFinder({ host, parameters: found.parameters, size: found.manifest.config.size });
  };
  let finder: ReturnType<typeof openFinder> | undefined;

  return {
    async faces(image) {
      // Its sessions end with the host.
      finder ??= openFinder();
      const faces = await (await finder)?.find(image, { signal });
      return faces?.toSorted((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
    },
    async recognise(crop) {
      // The judge first: it never trained anything, so it is the fairer witness.
      const found = await expert("emotion-classifier", (m) => m.domain === domain && m.config.role === "judge");
      if (!found || found.manifest.domain !== domain) return undefined;
      const { architecture, classes } = found.manifest.config;
      await using runner = createExpertRunner({
        host,
        expert: emotionClassifier({ architecture, classes: classes.length }),
        parameters: found.parameters,
      });
      const { data } = await runner.run(planesOf(crop));
      const top = Math.max(...data);
      const weights = Array.from(data, (v) => Math.exp(v - top));
      const emotion = classes[weights.indexOf(1)];
      if (emotion === undefined || !emotions.includes(emotion)) return undefined;
      return { emotion, confidence: 1 / weights.reduce((a, b) => a + b) };
    },
    async landmarks(crops) {
      const found = await expert("portrait-landmarks", (m) => m.domain === domain);
      if (!found || found.manifest.domain !== domain) return undefined;
      await using runner = createExpertRunner({
        host,
        expert: portraitLandmarks(found.manifest.config),
        parameters: found.parameters,
      });
      const all: (readonly (readonly [number, number])[])[] = [];
      for (const crop of crops) {
        const { data } = await runner.run(crop);
        all.push(Array.from({ length: 68 }, (_, i) => [data[2 * i]!, data[2 * i + 1]!] as const));
      }
      return all;
    },
  };
}
