import { philox, type Seed } from "@prosopon/random";

export interface AugmentOptions {
  readonly side: number;
  readonly seed: Seed;
  readonly step: number;
  /** Shifts by up to two pixels. */
  readonly shifts: boolean;
}

/**
 * Changes planes [N, 3, side, side] in [-1, 1] in place, so that a network does not lean on a renderer's crispness: a part of the pictures
 * is blurred (as a small first stage blurs), all get other exposure and contrast, a little noise and (if asked) a shift.
 */
export function augment(planes: Float32Array, { side, seed, step, shifts }: AugmentOptions): void {
  const area = side * side;
  const count = planes.length / (3 * area);
  const random = philox(seed, "augment", step);
  const copy = new Float32Array(area);
  for (let n = 0; n < count; n++) {
    const gain = 1 + 0.12 * random.gaussian();
    const offset = 0.08 * random.gaussian();
    const noise = 0.06 * random.uniform();
    const blurs = Math.floor(3 * random.uniform());
    const [dx, dy] = shifts ? [random.integer(5) - 2, random.integer(5) - 2] : [0, 0];
    for (let c = 0; c < 3; c++) {
      const plane = planes.subarray((n * 3 + c) * area, (n * 3 + c + 1) * area);
      for (let blur = 0; blur < blurs; blur++) blurred(plane, copy, side);
      copy.set(plane);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          const from = Math.min(side - 1, Math.max(0, y + dy)) * side + Math.min(side - 1, Math.max(0, x + dx));
          plane[y * side + x] = copy[from]! * gain + offset + noise * (random.uniform() - 0.5);
        }
    }
  }
}

/** A 3 x 3 binomial blur, edges repeated. */
function blurred(plane: Float32Array, copy: Float32Array, side: number): void {
  for (const [stride, other] of [
    [1, side],
    [side, 1],
  ] as const) {
    copy.set(plane);
    for (let line = 0; line < side; line++)
      for (let i = 0; i < side; i++) {
        const at = line * other + i * stride;
        const before = i > 0 ? at - stride : at;
        const after = i < side - 1 ? at + stride : at;
        plane[at] = 0.5 * copy[at]! + 0.25 * (copy[before]! + copy[after]!);
      }
  }
}
