import type { Mask, Point } from "@prosopon/media";

/**
 * Weights of the lower face in a square crop: 1 inside jaw and chin below the masked row, falling to 0 over about a twentieth of the side.
 * Landmarks in pixels of the crop, `row` the first row that the model did not see.
 */
export function lowerFaceMask(side: number, landmarks: readonly Point[], row: number): Mask {
  const blur = Math.max(1, Math.round(side / 40));
  const jaw = landmarks.slice(0, 17);
  const middle = jaw.reduce((sum, [x]) => sum + x, 0) / jaw.length;
  const chin = Math.max(...jaw.map(([, y]) => y));
  // A jaw that speaks may be lower than the one that is covered.
  const bottom = Math.min(side, chin + 0.05 * side);
  const stretch = (bottom - row) / Math.max(1, chin - row);
  const outline = jaw
    .filter(([, y]) => y >= row)
    .map(([x, y]): Point => [middle + 0.97 * (x - middle), row + stretch * (y - row)]);
  const left = outline[0]?.[0] ?? middle;
  const right = outline.at(-1)?.[0] ?? middle;
  const polygon: Point[] = [[left, row - blur], ...outline, [right, row - blur]];
  let data = filled(side, polygon);
  for (let pass = 0; pass < 3; pass++) data = blurred(blurred(data, side, blur, 1), side, blur, side);
  // Nothing of the square's own edge may show.
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const edge = Math.min(x, y, side - 1 - x, side - 1 - y);
    data[i] = data[i]! * Math.min(1, edge / (2 * blur));
  }
  return { width: side, height: side, data };
}

/** 1 where a pixel's centre lies inside, by the even-odd rule. */
function filled(side: number, polygon: readonly Point[]): Float32Array {
  const data = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    const crossings: number[] = [];
    polygon.forEach(([x0, y0], i) => {
      const [x1, y1] = polygon[(i + 1) % polygon.length]!;
      if (y0 <= y + 0.5 !== y1 <= y + 0.5) crossings.push(x0 + ((y + 0.5 - y0) / (y1 - y0)) * (x1 - x0));
    });
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2)
      for (let x = Math.max(0, Math.ceil(crossings[i]! - 0.5)); x < side && x + 0.5 < crossings[i + 1]!; x++)
        data[y * side + x] = 1;
  }
  return data;
}

/** Mean over 2 radius + 1 places along rows (stride 1) or columns (stride = side); beyond the edge lies the edge. */
function blurred(data: Float32Array, side: number, radius: number, stride: number): Float32Array {
  const result = new Float32Array(data.length);
  const across = stride === 1 ? side : 1;
  for (let line = 0; line < side; line++) {
    const value = (i: number) => data[line * across + Math.min(side - 1, Math.max(0, i)) * stride]!;
    let sum = 0;
    for (let i = -radius; i <= radius; i++) sum += value(i);
    for (let i = 0; i < side; i++) {
      result[line * across + i * stride] = sum / (2 * radius + 1);
      sum += value(i + radius + 1) - value(i - radius);
    }
  }
  return result;
}
