const LN2 = Math.LN2;
const HALF_PI = 1.5707963267948966;

/**
 * Two independent standard normal numbers from two 32-bit words (Box and Muller 1958), written to `out[0]` and `out[1]`.
 *
 * Only `+ - * /` and `Math.sqrt` are used, each of which IEEE 754 rounds in one way, so the bits are the same on every
 * platform; `Math.log` and `Math.cos` would not promise that. The series are cut below 1e-15. The radius has 2^32 values, so no
 * result exceeds 6.77 in magnitude (a true normal does once in 1.5e11 draws).
 */
export function normalPair(radiusWord: number, angleWord: number, out: Float64Array): void {
  // u = (2 w + 1) / 2^33 lies in (0, 1), never 0. With odd = m 2^e, m in [1, 2): ln u = ln m + (e - 33) ln 2.
  const odd = 2 * (radiusWord >>> 0) + 1;
  let exponent = odd > 0xffffffff ? 32 : 31 - Math.clz32(odd);
  let mantissa = odd / POWERS[exponent]!;
  if (mantissa > Math.SQRT2) {
    mantissa *= 0.5;
    exponent += 1;
  }
  // ln m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.1716.
  const s = (mantissa - 1) / (mantissa + 1);
  const z = s * s;
  const tail =
    1 / 3 +
    z *
      (1 / 5 +
        z *
          (1 / 7 +
            z * (1 / 9 + z * (1 / 11 + z * (1 / 13 + z * (1 / 15 + z * (1 / 17 + z * (1 / 19 + z * (1 / 21)))))))));
  const logarithm = (exponent - 33) * LN2 + 2 * (s + s * z * tail);
  const radius = Math.sqrt(-2 * logarithm);

  // The top two bits choose the quadrant, the rest an angle x in (-pi/4, pi/4) about its axis: together uniform on the circle.
  const quadrant = angleWord >>> 30;
  const x = (((angleWord & 0x3fffffff) + 0.5) / 0x40000000 - 0.5) * HALF_PI;
  const y = x * x;
  const sine =
    x *
    (1 -
      y *
        (1 / 6) *
        (1 -
          y *
            (1 / 20) *
            (1 -
              y *
                (1 / 42) *
                (1 -
                  y *
                    (1 / 72) *
                    (1 - y * (1 / 110) * (1 - y * (1 / 156) * (1 - y * (1 / 210) * (1 - y * (1 / 272)))))))));
  const cosine =
    1 -
    y *
      (1 / 2) *
      (1 -
        y *
          (1 / 12) *
          (1 -
            y *
              (1 / 30) *
              (1 -
                y * (1 / 56) * (1 - y * (1 / 90) * (1 - y * (1 / 132) * (1 - y * (1 / 182) * (1 - y * (1 / 240))))))));
  const turnedCosine = quadrant === 0 ? cosine : quadrant === 1 ? -sine : quadrant === 2 ? -cosine : sine;
  const turnedSine = quadrant === 0 ? sine : quadrant === 1 ? cosine : quadrant === 2 ? -sine : -cosine;
  out[0] = radius * turnedCosine;
  out[1] = radius * turnedSine;
}

const POWERS = Float64Array.from({ length: 33 }, (_, exponent) => 2 ** exponent);
