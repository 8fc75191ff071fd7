import { ProsoponError } from "@prosopon/errors";
import { sizeOf, type Tensor } from "@prosopon/graph";
import { type Feeds, isHandle } from "@prosopon/runtime";
import type { InputSpecification } from "./step-definition.ts";

/**
 * A long batch as `count` micro-batches, which share its memory. What has the shape of a micro-batch already goes to all of them.
 * @throws `bad-input` for another shape, or when nothing in the batch is long.
 */
export function microBatches(
  feeds: Feeds,
  inputs: Readonly<Record<string, InputSpecification>>,
  count: number,
): readonly Feeds[] {
  const long = Object.entries(feeds).flatMap(([name, value]) => {
    const shape = inputs[name]?.shape;
    if (!shape || `${shape}` === `${value.shape}`) return [];
    const wanted = [count * (shape[0] ?? 0), ...shape.slice(1)];
    if (isHandle(value) || shape.length === 0 || `${wanted}` !== `${value.shape}`)
      throw new ProsoponError(
        "bad-input",
        `"${name}" is [${value.shape}]; ${count} micro-batches make [${wanted}] as a tensor.`,
        { values: { name, given: value.shape, wanted } },
      );
    return [[name, value, shape] as const];
  });
  if (long.length === 0 && count > 1)
    throw new ProsoponError("bad-input", `The batch is that of one micro-batch; a step takes ${count} of them.`, {
      values: { count },
      mend: `Feed ${count} times as many rows.`,
    });
  return Array.from({ length: count }, (_, i) => ({
    ...feeds,
    ...Object.fromEntries(
      long.map(([name, { dtype, data }, shape]) => {
        const size = sizeOf(shape);
        return [name, { dtype, shape, data: data.subarray(i * size, (i + 1) * size) } as Tensor];
      }),
    ),
  }));
}

/** What many micro-batches gave under one name: the mean of single floating-point numbers, else all rows in order. */
export function joinMicro(parts: readonly Tensor[]): Tensor {
  const first = parts[0]!;
  if (parts.length === 1) return first;
  if (first.data instanceof Float32Array && first.data.length === 1) {
    const mean = parts.reduce((sum, { data }) => sum + Number(data[0]), 0) / parts.length;
    return { ...first, data: Float32Array.of(mean) } as Tensor;
  }
  const shape = first.shape.length === 0 ? [parts.length] : [parts.length * first.shape[0]!, ...first.shape.slice(1)];
  const data = new (first.data.constructor as new (length: number) => Tensor["data"])(parts.length * first.data.length);
  parts.forEach((part, i) => {
    (data as Float32Array).set(part.data as Float32Array, i * first.data.length);
  });
  return { dtype: first.dtype, shape, data } as Tensor;
}
