import { expect, test } from "vitest";
import { encodeImage } from "./encode-image.ts";
import { image } from "./image.ts";
import { imageMime } from "./image-mime.ts";
import { readImage } from "./read-image.ts";

const ramp = image(
  32,
  16,
  3,
  Uint8Array.from({ length: 32 * 16 * 3 }, (_, index) => Math.floor(index / 12) + 40 * (index % 3)),
);

test("PNG brings every pixel back, for each number of channels", async () => {
  expect((await readImage(await encodeImage(ramp, "image/png"))).data).toEqual(ramp.data);
  const grey = image(3, 1, 1, new Uint8Array([0, 100, 255]));
  expect(Array.from((await readImage(await encodeImage(grey, "image/png"))).data)).toEqual([
    0, 0, 0, 100, 100, 100, 255, 255, 255,
  ]);
  const clear = image(1, 1, 4, new Uint8Array([10, 20, 30, 40]));
  expect((await readImage(await encodeImage(clear, "image/png"), { alpha: "keep" })).data).toEqual(clear.data);
});

test.each([
  "image/jpeg",
  "image/webp",
] as const)("%s comes close, closer and larger with more quality", async (mime) => {
  const measure = async (quality: number) => {
    const bytes = await encodeImage(ramp, mime, { quality });
    expect(imageMime(bytes)).toBe(mime);
    const { data } = await readImage(bytes);
    return {
      size: bytes.length,
      error: data.reduce((sum, value, index) => sum + (value - ramp.data[index]!) ** 2, 0) / data.length,
    };
  };
  const poor = await measure(10);
  const good = await measure(95);
  expect(good.error).toBeLessThan(12);
  expect(good.error).toBeLessThan(poor.error);
  expect(good.size).toBeGreaterThan(poor.size);
});

test("JPEG with half the colour resolution: 2 x 2 samples of brightness for one of colour", async () => {
  const [full, half] = await Promise.all(
    (["full", "half"] as const).map((chroma) => encodeImage(ramp, "image/jpeg", { quality: 75, chroma })),
  );
  // The frame header, FF C0: the first component's sampling factors.
  const sampling = (bytes: Uint8Array) => {
    const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xc0);
    return bytes[at + 11];
  };
  expect([sampling(full!), sampling(half!)]).toEqual([0x11, 0x22]);
});

test("JPEG lays transparent pixels on white", async () => {
  const clear = image(8, 8, 4, new Uint8Array(256));
  const { data } = await readImage(await encodeImage(clear, "image/jpeg"));
  expect(data.every((value) => value >= 254)).toBe(true);
});

test("refuses other formats, qualities and false sizes", async () => {
  await expect(encodeImage(ramp, "image/bmp" as never)).rejects.toThrow(/not written as image\/bmp/);
  await expect(encodeImage(ramp, "image/jpeg", { quality: 0 })).rejects.toThrow(/Quality 0/);
  await expect(encodeImage({ ...ramp, width: 31 }, "image/png")).rejects.toThrow(/1488 bytes, but 1536/);
  await expect(encodeImage(image(16_400, 1, 1), "image/webp")).rejects.toMatchObject({ code: "bad-input" });
});
