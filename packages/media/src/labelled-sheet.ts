import { type Image, image } from "./image.ts";
import { rasterize } from "./rasterize.ts";
import { type SheetOptions, sheet, sheetLabels } from "./sheet.ts";

/** A contact sheet with its labels drawn in, 3 channels. Throws as `sheet` does. */
export async function labelledSheet(images: readonly Image[], options: SheetOptions): Promise<Image> {
  const below = sheet(images, options);
  const { width, height } = below;
  const above = await rasterize(sheetLabels(images, options), { width, height, alpha: "keep" });
  const data = new Uint8Array(below.data);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const weight = above.data[pixel * 4 + 3]! / 255;
    if (weight === 0) continue;
    for (let channel = 0; channel < 3; channel += 1) {
      const old = data[pixel * 3 + channel]!;
      data[pixel * 3 + channel] = Math.round(old + weight * (above.data[pixel * 4 + channel]! - old));
    }
  }
  return image(width, height, 3, data);
}
