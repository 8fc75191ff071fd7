import { unetConfigSchema } from "@prosopon/core-diffusion";
import { ProsoponError } from "@prosopon/errors";
import { architectures } from "@prosopon/perception";
import { vqganConfigSchema } from "@prosopon/vqgan";
import * as z from "zod";
import { alignments } from "./alignment.ts";
import { latentFields } from "./latent-fields.ts";
import { reenactmentConfigSchema } from "./reenactment-config.ts";
import { talkingFaceConfigSchema } from "./talking-face-config.ts";

/** A plain name, so that no file of a model can lie outside its folder. */
export const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be a plain name without folders");

const file = z.strictObject({
  name: plainName,
  /** 64 lower-case hexadecimal digits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
  bytes: z.int().nonnegative(),
});

const training = z.strictObject({
  /** The command line that trains it again. */
  command: z.string(),
  seed: z.int(),
  /** Wall-clock seconds. */
  duration: z.number().nonnegative(),
  steps: z.int().nonnegative(),
  /** What it was trained on, one sentence. */
  data: z.string(),
});

/** Where a model came from that was not trained here. */
const origin = z.strictObject({
  /** Whose names the file had. */
  format: z.enum(["latent-diffusion", "taming", "diffusers", "prosopon"]),
  /** Its name, without folders. */
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be 64 hexadecimal digits"),
  /** Averaged ("ema") or live ("raw") weights of its network. */
  weights: z.enum(["ema", "raw"]),
  /** Updates of the averages, where there were some. */
  updates: z.int().nonnegative().optional(),
  epoch: z.int().nonnegative().optional(),
  globalStep: z.int().nonnegative().optional(),
  /** What the file did not tell and was taken for it, one sentence each. */
  assumed: z.array(z.string()).default([]),
});

const common = {
  specification: z.literal("model/v1"),
  name: plainName,
  title: z.string().min(1),
  description: z.string(),
  licence: z.string().min(1),
  /** What kind of pictures it knows. */
  domain: z.enum(["rendered portraits", "photographs"]),
  /** How faces must be aligned before it sees them; default: as its domain usually is, see `alignmentOf`. */
  alignment: z.enum(alignments).optional(),
  /** Safetensors files in the model's folder. */
  files: z.array(file).min(1),
  training: training.optional(),
  origin: origin.optional(),
  /** Measured numbers, as free JSON. */
  scores: z.record(z.string(), z.json()).default({}),
};

/** What int8 needs to know of the activations: `ranges/v1`, see `parseRanges`. */
const quantizable = { ranges: file.optional() };

const architecture = z.enum(architectures);
/** `judge`: only ever measures. `loss`: also trains others, so that its own scores of them prove little. */
const role = z.enum(["loss", "judge"]);

/** `model.json`. Unknown keys are refused. */
export const manifestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ ...common, ...quantizable, kind: z.literal("first-stage"), config: vqganConfigSchema }),
  z.strictObject({ ...common, ...quantizable, kind: z.literal("reenactment"), config: reenactmentConfigSchema }),
  z.strictObject({ ...common, kind: z.literal("talking-face"), config: talkingFaceConfigSchema }),
  z.strictObject({
    ...common,
    kind: z.literal("denoiser"),
    /** A U-Net alone; what its context means is the caller's to know. */
    config: z.strictObject({ unet: unetConfigSchema, ...latentFields, firstStage: z.string().min(1).optional() }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("emotion-classifier"),
    config: z.strictObject({
      architecture,
      /** The emotions in the order of its outputs. */
      classes: z.array(z.string().min(1)).min(2),
      role,
    }),
  }),
  z.strictObject({
    ...common,
    kind: z.literal("identity-embedder"),
    config: z.strictObject({ architecture, size: z.int().positive(), role }),
  }),
  z.strictObject({ ...common, kind: z.literal("portrait-landmarks"), config: z.strictObject({ architecture, role }) }),
  z.strictObject({
    ...common,
    kind: z.literal("face-finder"),
    /** Side of the square that the detector sees. */
    config: z.strictObject({ size: z.int().positive().multipleOf(32).default(416) }),
  }),
]);

export type Manifest = z.output<typeof manifestSchema>;
export type ManifestInput = z.input<typeof manifestSchema>;
export type ModelKind = Manifest["kind"];
export type ManifestOf<Kind extends ModelKind> = Extract<Manifest, { readonly kind: Kind }>;

export const modelKinds: readonly ModelKind[] = [
  "first-stage",
  "reenactment",
  "talking-face",
  "denoiser",
  "emotion-classifier",
  "identity-embedder",
  "portrait-landmarks",
  "face-finder",
];

/**
 * A checked manifest with its defaults filled in.
 * @param source what the error names, such as the file.
 * @throws `bad-file` naming every wrong or unknown key, in one line.
 */
export function parseManifest(value: unknown, source = "The manifest"): Manifest {
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    ({ path, message }) => `${path.length === 0 ? "" : `${path.join(".")}: `}${message}`,
  );
  throw new ProsoponError("bad-file", `${source} is no model/v1: ${problems.join("; ")}.`, {
    values: { source, problems },
    mend: "Compare it with the model.json of another model of its kind.",
  });
}
