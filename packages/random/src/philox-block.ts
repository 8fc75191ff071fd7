const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const LOW_0 = MULTIPLIER_0 & 0xffff;
const HIGH_0 = MULTIPLIER_0 >>> 16;
const LOW_1 = MULTIPLIER_1 & 0xffff;
const HIGH_1 = MULTIPLIER_1 >>> 16;

/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a bijection of the 128-bit counter
 * `(c0, c1, c2, c3)` under the 64-bit key `(k0, k1)`. Writes four 32-bit words to `out[offset .. offset + 3]`.
 * Words may be given signed or unsigned.
 */
export function philoxBlock(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
  out: Uint32Array,
  offset = 0,
): void {
  let x0 = c0 | 0;
  let x1 = c1 | 0;
  let x2 = c2 | 0;
  let x3 = c3 | 0;
  let key0 = k0 | 0;
  let key1 = k1 | 0;
  for (let round = 0; round < 10; round += 1) {
    // The high halves of the two 32 x 32 bit products in 16-bit limbs: no partial sum exceeds 32 bits. Inlined, since it is hot.
    const a0 = x0 & 0xffff;
    const b0 = x0 >>> 16;
    const s0 = Math.imul(b0, LOW_0) + (Math.imul(a0, LOW_0) >>> 16);
    const t0 = Math.imul(a0, HIGH_0) + (s0 & 0xffff);
    const high0 = (Math.imul(b0, HIGH_0) + (s0 >>> 16) + (t0 >>> 16)) | 0;
    const a2 = x2 & 0xffff;
    const b2 = x2 >>> 16;
    const s2 = Math.imul(b2, LOW_1) + (Math.imul(a2, LOW_1) >>> 16);
    const t2 = Math.imul(a2, HIGH_1) + (s2 & 0xffff);
    const high1 = (Math.imul(b2, HIGH_1) + (s2 >>> 16) + (t2 >>> 16)) | 0;
    const low0 = Math.imul(x0, MULTIPLIER_0);
    const low1 = Math.imul(x2, MULTIPLIER_1);
    x0 = high1 ^ x1 ^ key0;
    x1 = low1;
    x2 = high0 ^ x3 ^ key1;
    x3 = low0;
    key0 = (key0 + WEYL_0) | 0;
    key1 = (key1 + WEYL_1) | 0;
  }
  out[offset] = x0;
  out[offset + 1] = x1;
  out[offset + 2] = x2;
  out[offset + 3] = x3;
}
