import { ProsoponError } from "@prosopon/errors";
import { allocate, sizeOf, type Tensor } from "@prosopon/graph";
import { permutation, type Seed } from "@prosopon/random";
import type { Feeds } from "@prosopon/runtime";

/** Where batches come from: a pure function of step and seed, so that a resumed run sees what the whole one would have. */
export interface DataSource {
  /** Steps of one pass over the data, if there is such a thing. */
  readonly length?: number;
  /** The batch of the step that follows `step` done ones. */
  batch(step: number, seed: Seed, options?: { readonly signal?: AbortSignal }): Promise<Feeds>;
}

export interface ShuffleOptions {
  /** Number of samples. */
  readonly length: number;
  /** Samples of a batch. */
  readonly batch: number;
}

/**
 * Sample numbers of each step's batch: endless passes, each in another order, every sample once in each. A batch may span two passes, so
 * that all have the same size.
 */
export function shuffledIndices({ length, batch }: ShuffleOptions): (step: number, seed: Seed) => Uint32Array {
  if (!(Number.isInteger(length) && length > 0 && Number.isInteger(batch) && batch > 0))
    throw new ProsoponError("bad-input", `Batches of ${batch} from ${length} samples cannot be drawn.`, {
      values: { length, batch },
    });
  let known: { readonly seed: Seed; readonly pass: number; readonly order: Uint32Array } | undefined;
  const order = (seed: Seed, pass: number): Uint32Array => {
    if (known?.seed !== seed || known.pass !== pass)
      known = { seed, pass, order: permutation(seed, "order of samples", length, pass) };
    return known.order;
  };
  return (step, seed) =>
    Uint32Array.from({ length: batch }, (_, i) => {
      const at = step * batch + i;
      return order(seed, Math.floor(at / length))[at % length]!;
    });
}

export interface TensorBatchesOptions {
  /** By input name; the first axis counts the samples. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly batch: number;
  /** What else a batch needs, such as noise: keyed by the same numbers. */
  readonly extra?: (step: number, seed: Seed, samples: Uint32Array) => Feeds;
}

/** Shuffled batches of tensors in memory. @throws `bad-input` when their first axes differ. */
export function tensorBatches({ tensors, batch, extra }: TensorBatchesOptions): DataSource {
  const lengths = Object.values(tensors).map(({ shape }) => shape[0] ?? 0);
  const length = lengths[0] ?? 0;
  if (lengths.some((other) => other !== length))
    throw new ProsoponError("bad-input", `Tensors of ${lengths.join(", ")} samples do not go together.`, {
      values: { lengths },
    });
  const indices = shuffledIndices({ length, batch });
  return {
    length: Math.ceil(length / batch),
    async batch(step, seed) {
      const samples = indices(step, seed);
      const rows = Object.entries(tensors).map(([name, one]) => [name, takeRows(one, samples)] as const);
      return { ...Object.fromEntries(rows), ...extra?.(step, seed, samples) };
    },
  };
}

/** Rows of a tensor along its first axis, copied. */
export function takeRows(source: Tensor, rows: ArrayLike<number>): Tensor {
  const [, ...rest] = source.shape;
  const size = sizeOf(rest);
  const data = allocate(source.dtype, rows.length * size);
  for (let i = 0; i < rows.length; i++) {
    const row = source.data.subarray(rows[i]! * size, (rows[i]! + 1) * size);
    if (data instanceof BigInt64Array) data.set(row as BigInt64Array, i * size);
    else data.set(row as Float32Array, i * size);
  }
  return { dtype: source.dtype, shape: [rows.length, ...rest], data } as Tensor;
}
