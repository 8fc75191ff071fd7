import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import type { Tensor } from "@prosopon/graph";
import { decodeSafetensors } from "@prosopon/weights";
import { expect } from "vitest";

/** One recorded case of the original code: inputs, results and scalars. */
export interface Case {
  readonly in: Readonly<Record<string, Tensor>>;
  readonly out: Readonly<Record<string, Tensor>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Largest error allowed for an output. */
  tolerance(name: string): number;
}

/** What the tests read of a model's entry in `configs.json`; a key is there where the model has the part. */
export interface FixtureConfig {
  /** Read by `unetConfig` and `vqganConfig`. */
  readonly unet: unknown;
  readonly first_stage: unknown;
  readonly latent_hw: readonly [height: number, width: number];
  readonly class_embed_dim: number;
  readonly audio_dim: number;
  readonly linear_start: number;
  readonly linear_end: number;
  readonly timesteps: number;
  readonly scale_factor: number;
  readonly checkpoint: string;
  readonly vqgan_checkpoint?: string;
  /** Updates of the averaged weights before the recorded step. */
  readonly num_updates: number;
}

export interface Fixture {
  readonly config: FixtureConfig;
  /** The checkpoint's state_dict (and optimizer) tensors by name. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The first stage's own training checkpoint, without a prefix. */
  firstStageWeights(): ReadonlyMap<string, Tensor>;
  case(name: string): Case;
}

const repository = fileURLToPath(new URL("../..", import.meta.url));
/** The small fixtures that travel with the repository. */
export const microRoot = `${repository}/tests/fixtures`;
/** The large ones, beside it. */
export const fullRoot = process.env["PROSOPON_FIXTURES"] ?? `${repository}/../shared/fixtures`;

/** Whether the large fixtures are here. In CI their absence is a failure, elsewhere a reason to skip. */
export function haveFull(): boolean {
  if (existsSync(fullRoot)) return true;
  if (process.env["CI"] === "true") throw new Error(`The fixtures are missing: ${fullRoot}. Set PROSOPON_FIXTURES.`);
  return false;
}

const json = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** A safetensors file, gzipped or not. */
export function readTensors(file: string): ReturnType<typeof decodeSafetensors> {
  const bytes = readFileSync(file);
  return decodeSafetensors(file.endsWith(".gz") ? gunzipSync(bytes) : Uint8Array.from(bytes));
}

export function fixture(root: string, model: string): Fixture {
  const tolerances = json(`${root}/tolerances.json`)[model];
  return {
    config: json(`${root}/configs.json`)[model],
    weights: readTensors(`${root}/${model}.weights.safetensors.gz`).tensors,
    firstStageWeights: () => readTensors(`${root}/${model.replace("ldm", "vqgan")}.weights.safetensors.gz`).tensors,
    case(name) {
      const { tensors, metadata } = readTensors(`${root}/${model}/${name}.safetensors`);
      const part = (prefix: string) =>
        Object.fromEntries(
          [...tensors].filter(([k]) => k.startsWith(prefix)).map(([k, tensor]) => [k.slice(prefix.length), tensor]),
        );
      return {
        in: part("in."),
        out: part("out."),
        params: JSON.parse(metadata["params"] ?? "{}"),
        tolerance(key) {
          const found = tolerances[name][key];
          if (!found) throw new Error(`No tolerance is recorded for ${name} ${key}.`);
          return found.tol;
        },
      };
    },
  };
}

/** Calls `make` when it is first needed, and once. */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The same names with the averaged values, as `ema_scope` of the original swaps them in. */
export function averaged(weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const swapped = new Map(weights);
  for (const name of weights.keys()) {
    if (!name.startsWith("model.")) continue;
    const shadow = weights.get(`model_ema.${name.slice("model.".length).replaceAll(".", "")}`);
    if (shadow) swapped.set(name, shadow);
  }
  return swapped;
}

/** Largest absolute difference; both must have as many elements. */
export function maximalError(actual: ArrayLike<number | bigint>, expected: ArrayLike<number | bigint>): number {
  expect(actual.length).toBe(expected.length);
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(Number(actual[i]) - Number(expected[i]));
    if (!(error <= most)) most = error;
  }
  return most;
}

/** Fails when an element differs by more than `tolerance`; NaN differs. */
export function expectClose(
  label: string,
  actual: Tensor | ArrayLike<number | bigint>,
  expected: Tensor | ArrayLike<number | bigint>,
  tolerance: number,
): void {
  const data = (x: typeof actual) => ("data" in x ? (x.data as ArrayLike<number | bigint>) : x);
  const error = maximalError(data(actual), data(expected));
  expect(error, `${label}: the largest error must not exceed ${tolerance}`).toBeLessThanOrEqual(tolerance);
}
