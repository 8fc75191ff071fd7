/** Parts of the 68 landmarks that carry an expression: the brows and eyes of either side, the mouth. */
const parts = [
  [17, 18, 19, 20, 21, 36, 37, 38, 39, 40, 41],
  [22, 23, 24, 25, 26, 42, 43, 44, 45, 46, 47],
  [48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59],
];

const elsewhere = 0.75;
const there = 3;

/** How much each pixel (or place of a latent) counts, [N, 1, side, side]: more in boxes around eyes with brows and around the mouth. */
export function attentionMaps(landmarks: readonly (readonly number[])[], side: number): Float32Array {
  const maps = new Float32Array(landmarks.length * side * side).fill(elsewhere);
  landmarks.forEach((points, n) => {
    for (const part of parts) {
      const range = (offset: 0 | 1) => {
        const values = part.map((i) => points[2 * i + offset]! * side);
        const margin = (3 / 128) * side;
        return [
          Math.max(0, Math.floor(Math.min(...values) - margin)),
          Math.min(side, Math.ceil(Math.max(...values) + margin)),
        ] as const;
      };
      const [left, right] = range(0);
      const [top, bottom] = range(1);
      for (let y = top; y < bottom; y++) maps.fill(there, (n * side + y) * side + left, (n * side + y) * side + right);
    }
  });
  return maps;
}
