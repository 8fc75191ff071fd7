import type { Image } from "@prosopon/media";
import { planesOf } from "../colour-planes.ts";

/** Variance of the Laplacian (4 neighbours) of the luma 0..255 (Pech-Pacheco et al. 2000), inside the border: higher is sharper. 0 below 3 pixels. */
export function sharpness(image: Image): number {
  const [{ width, height, data }] = planesOf(image, "luma") as [ReturnType<typeof planesOf>[0]];
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const i = y * width + x;
      const value = data[i - 1]! + data[i + 1]! + data[i - width]! + data[i + width]! - 4 * data[i]!;
      sum += value;
      squares += value * value;
      count++;
    }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}
