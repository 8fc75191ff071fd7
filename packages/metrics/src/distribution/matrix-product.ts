export type MatrixEntries = Float32Array | Float64Array;

export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Computes A·Bᵀ of row-major matrices, [m, k] and [n, k] -> [m, n]. A plugin for fast hardware; `plainProduct` is always there. */
export type MatrixProduct = (
  a: MatrixEntries,
  b: MatrixEntries,
  shape: ProductShape,
) => Float64Array | Promise<Float64Array>;

/** The numbers as float64: themselves where they are already. */
export const doubles = (entries: MatrixEntries): Float64Array =>
  entries instanceof Float64Array ? entries : Float64Array.from(entries);

/** A·Bᵀ in JavaScript and float64: 4 x 2 dot products at a time, so that every number that is read serves several. */
export function plainProduct(left: MatrixEntries, right: MatrixEntries, { m, n, k }: ProductShape): Float64Array {
  const [a, b] = [doubles(left), doubles(right)];
  const result = new Float64Array(m * n);
  // A block of b of at most 256 KiB stays in the cache while the rows of a pass by.
  const rows = Math.max(2, Math.floor(32768 / k) & ~1);
  for (let j0 = 0; j0 < n; j0 += rows) {
    const end = Math.min(n, j0 + rows);
    let i = 0;
    for (; i + 4 <= m; i += 4) {
      let j = j0;
      for (; j + 2 <= end; j += 2) fourByTwo(a, b, result, i, j, k, n);
      for (; j < end; j++) for (let r = i; r < i + 4; r++) result[r * n + j] = dot(a, b, r * k, j * k, k);
    }
    for (; i < m; i++) for (let j = j0; j < end; j++) result[i * n + j] = dot(a, b, i * k, j * k, k);
  }
  return result;
}

function dot(a: Float64Array, b: Float64Array, p: number, q: number, k: number): number {
  let sum = 0;
  for (let t = 0; t < k; t++) sum += a[p + t]! * b[q + t]!;
  return sum;
}

function fourByTwo(
  a: Float64Array,
  b: Float64Array,
  out: Float64Array,
  i: number,
  j: number,
  k: number,
  n: number,
): void {
  const [a0, a1, a2, a3] = [i * k, (i + 1) * k, (i + 2) * k, (i + 3) * k];
  const [b0, b1] = [j * k, (j + 1) * k];
  let [s00, s01, s10, s11, s20, s21, s30, s31] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let t = 0; t < k; t++) {
    const x = b[b0 + t]!;
    const y = b[b1 + t]!;
    const p = a[a0 + t]!;
    s00 += p * x;
    s01 += p * y;
    const q = a[a1 + t]!;
    s10 += q * x;
    s11 += q * y;
    const r = a[a2 + t]!;
    s20 += r * x;
    s21 += r * y;
    const s = a[a3 + t]!;
    s30 += s * x;
    s31 += s * y;
  }
  const o = i * n + j;
  out[o] = s00;
  out[o + 1] = s01;
  out[o + n] = s10;
  out[o + n + 1] = s11;
  out[o + 2 * n] = s20;
  out[o + 2 * n + 1] = s21;
  out[o + 3 * n] = s30;
  out[o + 3 * n + 1] = s31;
}
