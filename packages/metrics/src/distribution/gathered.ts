import type { Features } from "./features.ts";

/** The rows with these numbers, in this order. */
export function gathered({ size, data }: Features, rows: ArrayLike<number>): Features {
  const result = new Float64Array(rows.length * size);
  for (let i = 0; i < rows.length; i++) result.set(data.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  return { count: rows.length, size, data: result };
}
