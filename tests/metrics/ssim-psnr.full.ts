import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Image, image } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { peakSignalToNoise, structuralSimilarity } from "@prosopon/metrics";
import { describe, expect, test } from "vitest";

interface Reference {
  readonly external_truth: readonly {
    metric: string;
    a: string;
    b: string;
    options: string;
    expected: number;
    tol: number;
  }[];
  readonly skimage: {
    readonly pairs: readonly {
      a: string;
      b: string;
      mode: "L" | "RGB";
      psnr: number;
      ssim_gauss: number;
      ssim_uniform7: number;
    }[];
  };
}

const folder = join(process.env["PROSOPON_DATA"] ?? "../shared/data", "reference");
const present = existsSync(join(folder, "ssim_psnr.json"));
const { external_truth: truths, skimage }: Reference = present
  ? JSON.parse(readFileSync(join(folder, "ssim_psnr.json"), "utf8"))
  : { external_truth: [], skimage: { pairs: [] } };

/** Uncompressed 24-bit BMP, rows from the bottom up, BGR. */
function bitmap(bytes: Buffer): Image {
  const [offset, width, height] = [10, 18, 22].map((at) => bytes.readInt32LE(at)) as [number, number, number];
  expect(bytes.readUInt16LE(28)).toBe(24);
  const result = image(width, height, 3);
  const stride = Math.ceil((width * 3) / 4) * 4;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++)
        result.data[(y * width + x) * 3 + c] = bytes[offset + (height - 1 - y) * stride + x * 3 + 2 - c]!;
  return result;
}

async function read(name: string, mode: "L" | "RGB"): Promise<Image> {
  const file = join(folder, name);
  const found = /\.bmp$/i.test(name) ? bitmap(readFileSync(file)) : await readImage(file);
  if (mode === "RGB") return found;
  const { width, height, channels, data } = found;
  return image(
    width,
    height,
    1,
    data.filter((_, i) => i % channels === 0),
  );
}

describe.skipIf(!present)(`PSNR and SSIM of others in ${folder} (skipped where the data are absent)`, () => {
  test.each(skimage.pairs)("scikit-image: $a and $b", async ({
    a,
    b,
    mode,
    psnr,
    ssim_gauss: ssim,
    ssim_uniform7: uniform,
  }) => {
    const pair = { reference: await read(a, mode), image: await read(b, mode) };
    expect(peakSignalToNoise(pair)).toBeCloseTo(psnr, 9);
    expect(structuralSimilarity(pair)).toBeCloseTo(ssim, 6);
    expect(structuralSimilarity(pair, { window: "uniform" })).toBeCloseTo(uniform, 6);
  });

  const ours = truths.filter(({ metric, options }) => metric === "ssim" && !options.startsWith("uniform"));
  test.each(ours)("ssim.m and IPOL: $a and $b, $options", async ({ a, b, options, expected, tol }) => {
    const mode = /\.bmp$/i.test(a) ? "RGB" : "L";
    const pair = { reference: await read(a, mode), image: await read(b, mode) };
    const downsample = !options.includes("without 5-px border");
    expect(Math.abs(structuralSimilarity(pair, { downsample }) - expected)).toBeLessThan(tol);
    // Control: the other choice is not within the tolerance, where it makes a difference.
    if (downsample) expect(Math.abs(structuralSimilarity(pair) - expected)).toBeGreaterThan(tol);
  });

  test("scikit-image's own test: the uniform window", async () => {
    const { a, b, expected, tol } = truths.find(({ options }) => options.startsWith("uniform"))!;
    const pair = { reference: await read(a, "L"), image: await read(b, "L") };
    expect(Math.abs(structuralSimilarity(pair, { window: "uniform" }) - expected)).toBeLessThan(tol);
  });

  test("piq: identical images", async () => {
    const reference = await read("ex_ref.png", "RGB");
    const expected = truths.find(({ metric }) => metric === "psnr")!.expected;
    expect(peakSignalToNoise({ reference, image: reference }, { epsilon: 1e-8 })).toBeCloseTo(expected, 10);
  });

  test("nothing was left out", () => {
    expect(ours.length).toBe(3);
    expect(skimage.pairs.length).toBe(9);
  });
});
