import { ProsoponError } from "@prosopon/errors";
import { checkSignal } from "../check-signal.ts";
import { checkFeaturePair, type Features } from "./features.ts";
import { type MatrixEntries, type MatrixProduct, plainProduct } from "./matrix-product.ts";

export interface NeighbourhoodOptions {
  /** How many neighbours, itself not counted, a ball reaches; default 3, as torch-fidelity and the thesis. Naeem et al. take 5. */
  readonly neighbours?: number;
  /** Rows that meet at once; memory is a square of this many distances. Default 1024. */
  readonly tile?: number;
  /** Where products are computed; default in JavaScript. */
  readonly product?: MatrixProduct;
  readonly signal?: AbortSignal;
  /** Called after each tile with how many of all are done. */
  onProgress?(done: number, total: number): void;
}

export interface Neighbourhoods {
  /** Share of generated images within a ball of a real one: fidelity (Kynkäänniemi et al. 2019; Eq. 4.6 of the thesis). */
  readonly precision: number;
  /** Share of real images within a ball of a generated one: variety. */
  readonly recall: number;
  /** Real balls that hold a generated image, over `neighbours`, mean: fidelity that outliers do not inflate (Naeem et al. 2020). Can exceed 1. */
  readonly density: number;
  /** Share of real balls that hold a generated image: variety measured by the real set (Naeem et al. 2020). */
  readonly coverage: number;
  readonly neighbours: number;
  readonly counts: { readonly real: number; readonly generated: number };
}

interface Rows {
  readonly count: number;
  readonly size: number;
  readonly data: MatrixEntries;
  /** Squared lengths. */
  readonly squares: Float64Array;
}

/**
 * Improved precision and recall, density and coverage. A ball around an image reaches its k-th nearest neighbour of the same set. Precision and
 * recall count the surface as inside, density and coverage do not, as the programs of their authors. Distances never stand in memory together:
 * 50,000 x 50,000 images need the features and one tile. @throws `bad-input`, `cancelled`.
 */
export async function neighbourhoods(
  real: Features,
  generated: Features,
  options: NeighbourhoodOptions = {},
): Promise<Neighbourhoods> {
  const { neighbours = 3, tile = 1024 } = options;
  checkFeaturePair(real, generated);
  const smaller = Math.min(real.count, generated.count);
  if (!Number.isInteger(neighbours) || neighbours < 1 || neighbours >= smaller || !Number.isInteger(tile) || tile < 1)
    throw new ProsoponError("bad-input", `${neighbours} neighbours cannot be found among ${smaller} images.`, {
      values: { neighbours, tile, real: real.count, generated: generated.count },
      mend: `Give more images, or ask for 1 to ${Math.max(1, smaller - 1)} neighbours.`,
    });
  const [r, g] = [rowsOf(real), rowsOf(generated)];
  const [a, b] = [Math.ceil(r.count / tile), Math.ceil(g.count / tile)];
  const total = (a * (a + 1) + b * (b + 1)) / 2 + a * b;
  let done = 0;
  const tick = () => options.onProgress?.(++done, total);

  const realRadius = await squaredRadii(r, neighbours, { ...options, tile }, tick);
  const generatedRadius = await squaredRadii(g, neighbours, { ...options, tile }, tick);
  const [precise, recalled, covered] = [new Uint8Array(g.count), new Uint8Array(r.count), new Uint8Array(r.count)];
  let held = 0;
  for await (const { distances, i, j, m, n } of tiles(r, g, { ...options, tile })) {
    for (let x = 0; x < m; x++)
      for (let y = 0; y < n; y++) {
        const d = distances[x * n + y]!;
        const radius = realRadius[i + x]!;
        if (d <= radius) {
          precise[j + y] = 1;
          if (d < radius) {
            held++;
            covered[i + x] = 1;
          }
        }
        if (d <= generatedRadius[j + y]!) recalled[i + x] = 1;
      }
    tick();
  }
  const share = (flags: Uint8Array) => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
  return {
    precision: share(precise),
    recall: share(recalled),
    density: held / (neighbours * g.count),
    coverage: share(covered),
    neighbours,
    counts: { real: real.count, generated: generated.count },
  };
}

function rowsOf({ count, size, data }: Features): Rows {
  const squares = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0;
    for (let t = i * size; t < (i + 1) * size; t++) sum += data[t]! ** 2;
    return sum;
  });
  return { count, size, data, squares };
}

interface Tile {
  /** Squared, [m, n]. */
  readonly distances: Float64Array;
  readonly i: number;
  readonly j: number;
  readonly m: number;
  readonly n: number;
}

/** Squared distances of all rows of two sets; of a set with itself the tiles on and above the diagonal. */
async function* tiles(
  x: Rows,
  y: Rows,
  { tile, product = plainProduct, signal }: NeighbourhoodOptions & { readonly tile: number },
): AsyncGenerator<Tile> {
  const k = x.size;
  for (let i = 0; i < x.count; i += tile)
    for (let j = x === y ? i : 0; j < y.count; j += tile) {
      checkSignal(signal);
      const [m, n] = [Math.min(tile, x.count - i), Math.min(tile, y.count - j)];
      const a = x.data.subarray(i * k, (i + m) * k);
      const b = y.data.subarray(j * k, (j + n) * k);
      const distances = await product(a, b, { m, n, k });
      for (let p = 0; p < m; p++) {
        const own = x.squares[i + p]!;
        for (let q = 0; q < n; q++) {
          const d = own + y.squares[j + q]! - 2 * distances[p * n + q]!;
          distances[p * n + q] = d > 0 ? d : 0;
        }
      }
      yield { distances, i, j, m, n };
    }
}

/** For each row the squared distance of its k-th nearest other row. */
async function squaredRadii(
  rows: Rows,
  k: number,
  options: NeighbourhoodOptions & { readonly tile: number },
  tick: () => void,
): Promise<Float64Array> {
  // The k least so far of each row, ascending.
  const nearest = new Float64Array(rows.count * k).fill(Number.POSITIVE_INFINITY);
  const offer = (row: number, d: number): void => {
    const from = row * k;
    if (!(d < nearest[from + k - 1]!)) return;
    let at = from + k - 1;
    for (; at > from && nearest[at - 1]! > d; at--) nearest[at] = nearest[at - 1]!;
    nearest[at] = d;
  };
  for await (const { distances, i, j, m, n } of tiles(rows, rows, options)) {
    for (let x = 0; x < m; x++)
      for (let y = i === j ? x + 1 : 0; y < n; y++) {
        const d = distances[x * n + y]!;
        offer(i + x, d);
        offer(j + y, d);
      }
    tick();
  }
  return Float64Array.from({ length: rows.count }, (_, i) => nearest[i * k + k - 1]!);
}
