/**
 * Power spectrum of a real signal: |DFT|² at bins 0 .. n/2 by Cooley and Tukey's radix-2 algorithm in double precision. The returned function
 * keeps its buffers, so it gives the same array again and again.
 */
export function fourierPower(n: number): (signal: Float64Array) => Float64Array {
  const real = new Float64Array(n);
  const imaginary = new Float64Array(n);
  const power = new Float64Array(n / 2 + 1);
  const cosines = Float64Array.from({ length: n / 2 }, (_, i) => Math.cos((2 * Math.PI * i) / n));
  const sines = Float64Array.from({ length: n / 2 }, (_, i) => -Math.sin((2 * Math.PI * i) / n));
  const bits = Math.log2(n);
  const reversed = Uint32Array.from({ length: n }, (_, i) => {
    let turned = 0;
    for (let bit = 0; bit < bits; bit++) if (i & (1 << bit)) turned |= 1 << (bits - 1 - bit);
    return turned;
  });
  return (signal) => {
    for (let i = 0; i < n; i++) real[reversed[i]!] = i < signal.length ? signal[i]! : 0;
    imaginary.fill(0);
    for (let half = 1; half < n; half *= 2)
      for (let start = 0; start < n; start += 2 * half)
        for (let i = 0; i < half; i++) {
          const twiddle = (i * n) / (2 * half);
          const a = start + i;
          const b = a + half;
          const re = real[b]! * cosines[twiddle]! - imaginary[b]! * sines[twiddle]!;
          const im = real[b]! * sines[twiddle]! + imaginary[b]! * cosines[twiddle]!;
          real[b] = real[a]! - re;
          imaginary[b] = imaginary[a]! - im;
          real[a]! += re;
          imaginary[a]! += im;
        }
    for (let i = 0; i <= n / 2; i++) power[i] = real[i]! ** 2 + imaginary[i]! ** 2;
    return power;
  };
}
