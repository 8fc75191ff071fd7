import { constantOf } from "../constant.ts";
import type { Graph, Value } from "../graph.ts";
import { sizeOf } from "../make-tensor.ts";
import { matMul } from "../ops/matrix.ts";
import { expand, reshape } from "../ops/movement.ts";
import { reduceSum } from "../ops/reduction.ts";
import type { DType } from "../tensor.ts";

/** A value of one repeated number, made by one node so that the graph stays small. */
export const filled = (graph: Graph, dtype: DType, shape: readonly number[], value: number): Value =>
  expand(constantOf(graph, dtype, value), shape);

/**
 * Sum over axes, which vanish. Runs of neighbouring axes are summed one after the other, the last first: the runtime has
 * fast kernels for one run and a slow one for axes that lie apart. Rows are summed by a product with ones, a tenth of the time
 * of its sum over the first axis.
 */
export function sumOver(x: Value, axes: readonly number[]): Value {
  const gone = new Set(axes);
  let sum = x;
  for (let end = x.shape.length; end > 0; end--) {
    if (!gone.has(end - 1)) continue;
    let start = end - 1;
    while (start > 0 && gone.has(start - 1)) start--;
    const [outer, run, inner] = [x.shape.slice(0, start), x.shape.slice(start, end), sum.shape.slice(end)];
    if (sizeOf(run) > 1) {
      const [rows, length, columns] = [sizeOf(outer), sizeOf(run), sizeOf(inner)];
      sum =
        rows === 1 && columns > 1 && x.dtype === "float32"
          ? matMul(filled(x.graph, x.dtype, [1, length], 1), reshape(sum, [length, columns]))
          : reduceSum(reshape(sum, [rows, length, ...(columns === 1 ? [] : [columns])]), { axes: [1] });
    }
    sum = reshape(sum, [...outer, ...inner]);
    end = start + 1;
  }
  return sum;
}

/** The gradient of a value that was broadcast to the shape of `g`: summed over the repeated axes. */
export function unbroadcast(g: Value, shape: readonly number[]): Value {
  const lead = g.shape.length - shape.length;
  const axes = g.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  return reshape(sumOver(g, axes), shape);
}
