import { ProsoponError } from "@prosopon/errors";
import { type MatrixProduct, plainProduct } from "./matrix-product.ts";
import { subtractProduct } from "./subtract-product.ts";

export interface SymmetricEigen {
  /** Ascending. */
  readonly values: Float64Array;
  /** [n, n] row-major: row i is the unit eigenvector of value i. Empty when only values were asked for. */
  readonly vectors: Float64Array;
}

export interface SymmetricEigenOptions {
  /** Also eigenvectors; default true. */
  readonly vectors?: boolean;
  /** Where the large products are computed; default in JavaScript. */
  readonly product?: MatrixProduct;
}

/** Reflections after which what remains of the matrix is brought up to date, by large products. */
const panel = 64;

/**
 * Eigenvalues, and if wanted eigenvectors, of a symmetric matrix [n, n], of which the lower triangle is read: Householder reduction to
 * tridiagonal form (Golub and Van Loan, 8.3, from the last row up as EISPACK's tred2, in panels as LAPACK's dsytrd), then implicit QL (tql2).
 * Stable: errors are of the order of machine epsilon times the largest eigenvalue. @throws `bad-input` for numbers that are not finite.
 */
export async function symmetricEigen(
  matrix: Float64Array,
  n: number,
  { vectors = true, product = plainProduct }: SymmetricEigenOptions = {},
): Promise<SymmetricEigen> {
  if (matrix.length !== n * n || !matrix.every(Number.isFinite))
    throw new ProsoponError("bad-input", `${matrix.length} numbers are no finite ${n} x ${n} matrix.`, {
      values: { n, length: matrix.length },
    });
  const { d, e, reflections } = await tridiagonal(matrix, n, product);
  const q = vectors ? accumulateReflections(reflections, n) : new Float64Array();
  implicitQl(d, e, n, q);
  const order = Array.from(d.keys()).sort((i, j) => d[i]! - d[j]!);
  const sorted = new Float64Array(q.length);
  if (vectors) order.forEach((from, to) => void sorted.set(q.subarray(from * n, (from + 1) * n), to * n));
  return { values: Float64Array.from(order, (i) => d[i]!), vectors: sorted };
}

/** I - v vᵀ / h, on the first v.length rows. */
interface Reflection {
  readonly v: Float64Array;
  readonly h: number;
}

interface Tridiagonal {
  readonly d: Float64Array;
  /** e[i] stands left of d[i]. */
  readonly e: Float64Array;
  readonly reflections: readonly Reflection[];
}

/**
 * One reflection for each row, from the last up: A <- A - v pᵀ - p vᵀ. Within a panel only the row that is next, and products with A, take the latest
 * reflections into account.
 */
async function tridiagonal(matrix: Float64Array, n: number, product: MatrixProduct): Promise<Tridiagonal> {
  const a = matrix.slice();
  const [d, e] = [new Float64Array(n), new Float64Array(n)];
  const reflections: Reflection[] = [];
  const [vs, ps]: [Float64Array[], Float64Array[]] = [[], []];
  for (let i = n - 1; i >= 0; i--) {
    const row = a.subarray(i * n, i * n + i + 1);
    vs.forEach((v, s) => void subtractPair(row, v, ps[s]!, v[i]!, ps[s]![i]!));
    d[i] = row[i]!;
    if (i > 0) e[i] = row[i - 1]!;
    const found = reflectionOf(row.subarray(0, i));
    if (!found) continue;
    const { v, h } = found;
    e[i] = found.left;
    const p = symmetricProduct(a, n, v);
    vs.forEach((before, s) => void subtractPair(p, before, ps[s]!, dot(before, v), dot(ps[s]!, v)));
    const half = dot(p, v) / (2 * h * h);
    for (let j = 0; j < i; j++) p[j] = p[j]! / h - half * v[j]!;
    reflections.push({ v, h });
    vs.push(v);
    ps.push(p);
    if (vs.length < panel) continue;
    await subtractProduct(a, n, { left: [...vs, ...ps], right: [...ps, ...vs], length: i, product });
    vs.length = 0;
    ps.length = 0;
  }
  return { d, e, reflections };
}

/** The reflection that leaves `left` of a row and zeros before it; none where there is nothing to do. */
function reflectionOf(row: Float64Array): (Reflection & { readonly left: number }) | undefined {
  const last = row.length - 1;
  let scale = 0;
  for (let k = 0; k <= last; k++) scale += Math.abs(row[k]!);
  if (last < 1 || scale === 0) return undefined;
  const v = new Float64Array(row.length);
  let h = 0;
  for (let k = 0; k <= last; k++) {
    v[k] = row[k]! / scale;
    h += v[k]! ** 2;
  }
  const f = v[last]!;
  const g = f >= 0 ? -Math.sqrt(h) : Math.sqrt(h);
  v[last] = f - g;
  return { v, h: h - f * g, left: scale * g };
}

/** x . y over the length of y. */
function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < y.length; k++) sum += x[k]! * y[k]!;
  return sum;
}

/** row <- row - onP p - onV v, over the length of the row. */
function subtractPair(row: Float64Array, v: Float64Array, p: Float64Array, onP: number, onV: number): void {
  for (let k = 0; k < row.length; k++) row[k]! -= onP * p[k]! + onV * v[k]!;
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

/** The product of the reflections; row j is what becomes eigenvector j. */
function accumulateReflections(reflections: readonly Reflection[], n: number): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  // Rows of q are columns of the product: each is reflected by itself, and only the first have taken part so far.
  for (const { v, h } of reflections.toReversed())
    for (let r = 0; r < n; r++) {
      const row = q.subarray(r * n, (r + 1) * n);
      const part = dot(row, v) / h;
      if (part === 0) continue;
      for (let k = 0; k < v.length; k++) row[k]! -= part * v[k]!;
    }
  return q;
}

function implicitQl(d: Float64Array, e: Float64Array, n: number, q: Float64Array): void {
  for (let i = 1; i < n; i++) e[i - 1] = e[i]!;
  e[n - 1] = 0;
  const norm = d.reduce((most, value, i) => Math.max(most, Math.abs(value) + Math.abs(e[i]!)), 0);
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      // Beside far larger values rounding may keep small ones from converging by their own measure; then that of the whole matrix holds.
      const floor = sweep < 30 ? 0 : norm;
      let m = l;
      for (; m < n - 1; m++) {
        const size = Math.max(floor, Math.abs(d[m]!) + Math.abs(d[m + 1]!));
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
