import { ProsoponError } from "@prosopon/errors";

export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** [n, n] row-major: row i is the unit eigenvector of value i. Empty when only values were asked for. */
  readonly vectors: Float64Array;
}

/**
 * Eigenvalues, and if wanted eigenvectors, of a symmetric matrix [n, n], of which the lower triangle is read: Householder reduction to
 * tridiagonal form, then implicit QL (Golub and Van Loan, 8.3; the order of EISPACK's tred2 and tql2).
 * Stable: errors are of the order of machine epsilon times the largest eigenvalue. @throws `bad-input` for numbers that are not finite.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
  { vectors = true }: { readonly vectors?: boolean } = {},
): SymmetricEigen {
  if (matrix.length !== n * n || !matrix.every(Number.isFinite))
    throw new ProsoponError("bad-input", `${matrix.length} numbers are no finite ${n} x ${n} matrix.`, {
      values: { n, length: matrix.length },
    });
  const a = matrix.slice();
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  const scales = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) reflect(a, n, i, e, scales);
  for (let i = 0; i < n; i++) d[i] = a[i * n + i]!;
  const q = vectors ? accumulateReflections(a, n, scales) : new Float64Array();
  implicitQl(d, e, n, q);
  const order = Array.from(d.keys()).sort((i, j) => d[i]! - d[j]!);
  const sorted = new Float64Array(q.length);
  if (vectors) order.forEach((from, to) => void sorted.set(q.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => d[i]!), vectors: sorted };
}

/** One Householder step on row i: A <- (I - v vᵀ / h) A (I - v vᵀ / h); v stays in the row, h in `scales`, the subdiagonal in e[i]. */
function reflect(a: Float64Array, n: number, i: number, e: Float64Array, scales: Float64Array): void {
  const row = i * n;
  let scale = 0;
  for (let k = 0; k < i; k++) scale += Math.abs(a[row + k]!);
  if (i === 1 || scale === 0) {
    e[i] = a[row + i - 1]!;
    return;
  }
  let h = 0;
  for (let k = 0; k < i; k++) {
    a[row + k]! /= scale;
    h += a[row + k]! ** 2;
  }
  const f = a[row + i - 1]!;
  const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = scale * g;
  h -= f * g;
  a[row + i - 1] = f - g;
  scales[i] = h;
  const v = a.slice(row, row + i);
  const p = symmetricProduct(a, n, v);
  let dot = 0;
  for (let j = 0; j < i; j++) {
    p[j]! /= h;
    dot += p[j]! * v[j]!;
  }
  const half = dot / (2 * h);
  for (let j = 0; j < i; j++) p[j]! -= half * v[j]!;
  subtractProducts(a, n, v, p);
}

/** A v of the symmetric matrix whose lower triangle stands in the first rows of `a`: four rows at a time, so that less is read twice. */
function symmetricProduct(a: Float64Array, n: number, v: Float64Array): Float64Array {
  const length = v.length;
  const p = new Float64Array(length);
  const one = (j: number, from: number) => {
    const vj = v[j]!;
    let sum = a[j * n + j]! * vj;
    for (let k = from; k < j; k++) {
      const value = a[j * n + k]!;
      sum += value * v[k]!;
      p[k]! += value * vj;
    }
    p[j]! += sum;
  };
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const [r0, r1, r2, r3] = [j * n, (j + 1) * n, (j + 2) * n, (j + 3) * n];
    const [v0, v1, v2, v3] = [v[j]!, v[j + 1]!, v[j + 2]!, v[j + 3]!];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < j; k++) {
      const a0 = a[r0 + k]!;
      const a1 = a[r1 + k]!;
      const a2 = a[r2 + k]!;
      const a3 = a[r3 + k]!;
      const vk = v[k]!;
      s0 += a0 * vk;
      s1 += a1 * vk;
      s2 += a2 * vk;
      s3 += a3 * vk;
      p[k]! += a0 * v0 + a1 * v1 + (a2 * v2 + a3 * v3);
    }
    p[j]! += s0;
    p[j + 1]! += s1;
    p[j + 2]! += s2;
    p[j + 3]! += s3;
    for (let r = j; r < j + 4; r++) one(r, j);
  }
  for (; j < length; j++) one(j, 0);
  return p;
}

/** A <- A - v pᵀ - p vᵀ in the lower triangle, four rows at a time. */
function subtractProducts(a: Float64Array, n: number, v: Float64Array, p: Float64Array): void {
  const length = v.length;
  const one = (j: number, from: number) => {
    const vj = v[j]!;
    const pj = p[j]!;
    for (let k = from; k <= j; k++) a[j * n + k]! -= vj * p[k]! + pj * v[k]!;
  };
  let j = 0;
  for (; j + 4 <= length; j += 4) {
    const [r0, r1, r2, r3] = [j * n, (j + 1) * n, (j + 2) * n, (j + 3) * n];
    const [v0, v1, v2, v3] = [v[j]!, v[j + 1]!, v[j + 2]!, v[j + 3]!];
    const [p0, p1, p2, p3] = [p[j]!, p[j + 1]!, p[j + 2]!, p[j + 3]!];
    for (let k = 0; k < j; k++) {
      const vk = v[k]!;
      const pk = p[k]!;
      a[r0 + k]! -= v0 * pk + p0 * vk;
      a[r1 + k]! -= v1 * pk + p1 * vk;
      a[r2 + k]! -= v2 * pk + p2 * vk;
      a[r3 + k]! -= v3 * pk + p3 * vk;
    }
    for (let r = j; r < j + 4; r++) one(r, j);
  }
  for (; j < length; j++) one(j, 0);
}

/** The product of the reflections; row j is what becomes eigenvector j. */
function accumulateReflections(a: Float64Array, n: number, scales: Float64Array): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let i = 1; i < n; i++) {
    const h = scales[i]!;
    if (h === 0) continue;
    const v = a.subarray(i * n, i * n + i);
    // Rows of q are columns of the product: each is reflected by itself, and only the first i have taken part so far.
    for (let r = 0; r < n; r++) {
      const at = r * n;
      let dot = 0;
      for (let k = 0; k < i; k++) dot += q[at + k]! * v[k]!;
      if (dot === 0) continue;
      dot /= h;
      for (let k = 0; k < i; k++) q[at + k]! -= dot * v[k]!;
    }
  }
  return q;
}

function implicitQl(d: Float64Array, e: Float64Array, n: number, q: Float64Array): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!;
  e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
        if (Math.abs(e[m]!) <= Number.EPSILON * size) break;
      }
      if (m === l) break;
      if (sweep === 80)
        throw new ProsoponError("bad-input", "The eigenvalues did not converge.", { values: { n, index: l } });
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g >= 0 ? Math.abs(r) : -Math.abs(r)));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        if (q.length > 0) rotate(q, n, i, c, s);
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

function rotate(q: Float64Array, n: number, i: number, c: number, s: number): void {
  const [low, high] = [i * n, (i + 1) * n];
  for (let k = 0; k < n; k++) {
    const f = q[high + k]!;
    const own = q[low + k]!;
    q[high + k] = s * own + c * f;
    q[low + k] = c * own - s * f;
  }
}
