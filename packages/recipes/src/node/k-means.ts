import { permutation, type Seed } from "@prosopon/random";

export interface KMeansOptions {
  /** Points, `size` numbers each. */
  readonly rows: Float32Array;
  readonly size: number;
  /** Number of means; at most the number of points. */
  readonly count: number;
  readonly seed: Seed;
  /** Rounds of Lloyd's algorithm. */
  readonly rounds: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Means of Lloyd's algorithm, started at random points; a mean that no point is nearest to stays where it is. */
export function kMeans({ rows, size, count, seed, rounds, onProgress }: KMeansOptions): Float32Array<ArrayBuffer> {
  const points = rows.length / size;
  const means = new Float32Array(count * size);
  permutation(seed, "k-means", points)
    .subarray(0, count)
    .forEach((point, k) => {
      means.set(rows.subarray(point * size, (point + 1) * size), k * size);
    });
  for (let round = 0; round < rounds; round++) {
    const sums = new Float64Array(count * size);
    const members = new Uint32Array(count);
    for (let p = 0; p < points; p++) {
      let best = 0;
      let least = Number.POSITIVE_INFINITY;
      for (let k = 0; k < count; k++) {
        let distance = 0;
        for (let d = 0; d < size && distance < least; d++)
          distance += (rows[p * size + d]! - means[k * size + d]!) ** 2;
        if (distance < least) {
          least = distance;
          best = k;
        }
      }
      members[best]!++;
      for (let d = 0; d < size; d++) sums[best * size + d]! += rows[p * size + d]!;
      if (p % 10_000 === 0) onProgress?.(round * points + p, rounds * points);
    }
    for (let k = 0; k < count; k++)
      if (members[k]! > 0) for (let d = 0; d < size; d++) means[k * size + d] = sums[k * size + d]! / members[k]!;
  }
  return means;
}
