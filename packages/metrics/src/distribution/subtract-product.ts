import type { MatrixProduct } from "./matrix-product.ts";

/** Side of the squares that are computed at once: few shapes, so few sessions of a runtime, and little memory. */
const side = 512;

export interface Subtraction {
  /** Columns of L and of R, of `length` numbers or more. */
  readonly left: readonly Float64Array[];
  readonly right: readonly Float64Array[];
  readonly length: number;
  readonly product: MatrixProduct;
}

/** A <- A - L Rᵀ in the lower triangle of the first `length` rows and columns of A [n, n]; L Rᵀ is symmetric. */
export async function subtractProduct(
  a: Float64Array,
  n: number,
  { left, right, length, product }: Subtraction,
): Promise<void> {
  const k = left.length;
  const [l, r] = [rowsOf(left, length), rowsOf(right, length)];
  for (let y = 0; y < length; y += side)
    for (let x = 0; x <= y; x += side) {
      const [rows, columns] = [Math.min(side, length - y), Math.min(side, length - x)];
      const part = await product(l.subarray(y * k, (y + rows) * k), r.subarray(x * k, (x + columns) * k), {
        m: rows,
        n: columns,
        k,
      });
      for (let i = 0; i < rows; i++) {
        const at = (y + i) * n + x;
        for (let j = 0; j < columns; j++) a[at + j]! -= part[i * columns + j]!;
      }
    }
}

function rowsOf(columns: readonly Float64Array[], length: number): Float64Array {
  const k = columns.length;
  const rows = new Float64Array(length * k);
  columns.forEach((column, s) => {
    for (let i = 0; i < length; i++) rows[i * k + s] = column[i]!;
  });
  return rows;
}
