/** Samples as a WAV file: 16 bit, one channel. Values beyond [-1, 1] are clipped. */
export function waveFile(samples: Float32Array, rate: number): Blob {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at: number, value: string): void => {
    for (let i = 0; i < value.length; i += 1) bytes.setUint8(at + i, value.charCodeAt(i));
  };
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  bytes.setUint32(16, 16, true);
  bytes.setUint16(20, 1, true);
  bytes.setUint16(22, 1, true);
  bytes.setUint32(24, rate, true);
  bytes.setUint32(28, 2 * rate, true);
  bytes.setUint16(32, 2, true);
  bytes.setUint16(34, 16, true);
  text(36, "data");
  bytes.setUint32(40, 2 * samples.length, true);
  for (const [i, value] of samples.entries()) {
    bytes.setInt16(44 + 2 * i, Math.round(32767 * Math.max(-1, Math.min(1, value))), true);
  }
  return new Blob([bytes.buffer], { type: "audio/wav" });
}
