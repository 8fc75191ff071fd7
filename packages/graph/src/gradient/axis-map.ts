import { tensor } from "../make-tensor.ts";
import type { DType, Tensor } from "../tensor.ts";

/** A linear map along one axis: element i of the result is the sum of `weight · source[from]` over `terms[i]`. */
export interface AxisMap {
  readonly before: number;
  readonly after: number;
  readonly terms: readonly (readonly (readonly [from: number, weight: number])[])[];
}

/** The matrix of the map: [before, after], or [after, before] when transposed, which multiplies from the right. */
export function axisMap(map: AxisMap, dtype: DType, transposed: boolean): Tensor {
  const { before, after } = map;
  const data = new Array<number>(before * after).fill(0);
  map.terms.forEach((terms, to) => {
    for (const [from, weight] of terms) data[transposed ? to * before + from : from * after + to]! += weight;
  });
  return tensor(dtype, transposed ? [after, before] : [before, after], data);
}
