import { deflateSync } from "node:zlib";
import { isProsoponError } from "@prosopon/errors";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import type { MarkedMime } from "./container.ts";
import { DIGITAL_SOURCES } from "./digital-source.ts";
import { mark } from "./mark.ts";
import { markedPacket } from "./packet.ts";
import { read } from "./read.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const find = (haystack: Uint8Array, needle: string): number =>
  Array.from(haystack, (byte) => String.fromCharCode(byte))
    .join("")
    .indexOf(needle);

const pixels = Uint8Array.from({ length: 31 * 17 * 4 }, (_, index) => (index * 2_654_435_761) >>> 24);
const rgba = () => sharp(pixels, { raw: { width: 31, height: 17, channels: 4 } });
const rgb = () => rgba().removeAlpha();
const animation = () =>
  sharp(pixels.subarray(0, 8 * 24 * 3), { raw: { width: 8, height: 24, channels: 3, pageHeight: 8 } });
const exif = { exif: { IFD0: { Copyright: "someone" } } };

const files: { name: string; mime: MarkedMime; file: Uint8Array }[] = [
  { name: "PNG", mime: "image/png", file: await rgb().png().toBuffer() },
  {
    name: "PNG with alpha, palette, profile and EXIF",
    mime: "image/png",
    file: await rgba().withMetadata(exif).png({ palette: true }).toBuffer(),
  },
  { name: "JPEG", mime: "image/jpeg", file: await rgb().jpeg().toBuffer() },
  {
    name: "progressive JPEG with profile and EXIF",
    mime: "image/jpeg",
    file: await rgb().withMetadata(exif).jpeg({ progressive: true }).toBuffer(),
  },
  { name: "grey JPEG", mime: "image/jpeg", file: await rgb().greyscale().jpeg().toBuffer() },
  { name: "lossy WebP", mime: "image/webp", file: await rgb().webp().toBuffer() },
  { name: "lossy WebP with alpha", mime: "image/webp", file: await rgba().webp().toBuffer() },
  { name: "lossless WebP", mime: "image/webp", file: await rgb().webp({ lossless: true }).toBuffer() },
  { name: "lossless WebP with alpha", mime: "image/webp", file: await rgba().webp({ lossless: true }).toBuffer() },
  { name: "WebP with profile and EXIF", mime: "image/webp", file: await rgb().withMetadata(exif).webp().toBuffer() },
  {
    name: "animated WebP",
    mime: "image/webp",
    file: await animation()
      .webp({ loop: 2, delay: [10, 20, 30] })
      .toBuffer(),
  },
];

// What the packet brings with it is compared apart; WebP gains an extended header, whose bytes sharp does not show.
async function description(file: Uint8Array): Promise<unknown> {
  const { xmp, xmpAsString, size, ...rest } = await sharp(file).metadata();
  return { rest, raw: (await sharp(file, { animated: true }).raw().toBuffer()).toString("base64") };
}

describe.each(files)("$name", ({ mime, file }) => {
  test("keeps its pixels and other metadata; an outside reader sees the mark", async () => {
    const before = Uint8Array.from(file);
    const marked = mark(file, mime);
    expect(Uint8Array.from(file)).toEqual(before);
    expect(await description(marked)).toEqual(await description(file));
    expect((await sharp(file).metadata()).xmp).toBeUndefined();
    const xmp = (await sharp(marked).metadata()).xmp!;
    expect(xmp.toString()).toContain(
      ">http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia</Iptc4xmpExt:DigitalSourceType>",
    );
    // No strictness of a decoder is hurt.
    await sharp(marked, { failOn: "warning" }).raw().toBuffer();
  });

  test("reads back what was marked, whatever the details; a second mark replaces the first", () => {
    expect(read(file)).toBeUndefined();
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    const details = fc.record({ software: text, version: text, model: text, note: text }, { requiredKeys: [] });
    const kind = fc.constantFrom(...DIGITAL_SOURCES);
    fc.assert(
      fc.property(kind, details, kind, details, (firstKind, first, secondKind, second) => {
        const once = mark(file, mime, firstKind, first);
        expect(read(once)).toEqual({
          kind: firstKind,
          uri: `http://cv.iptc.org/newscodes/digitalsourcetype/${firstKind}`,
          ...first,
        });
        expect(mark(once, mime, secondKind, second)).toEqual(mark(file, mime, secondKind, second));
      }),
      { numRuns: 40 },
    );
  });

  test("joins XMP that is there already", async () => {
    const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:source>Jürgen</dc:source></rdf:Description></rdf:RDF></x:xmpmeta>`;
    const withXmp = await sharp(file, { animated: true })
      .withXmp(xmp)
      .toFormat(mime.slice(6) as "png")
      .toBuffer();
    const marked = mark(withXmp, mime, "trainedAlgorithmicMedia");
    expect(await description(marked)).toEqual(await description(withXmp));
    const result = (await sharp(marked).metadata()).xmp!.toString();
    expect(result).toContain("<dc:source>Jürgen</dc:source>");
    expect(read(marked)?.kind).toBe("trainedAlgorithmicMedia");
  });

  test("refuses every cut of the file with bad-file, both ways", () => {
    for (let length = 0; length < file.length; length += Math.max(1, Math.floor(file.length / 150))) {
      const cut = file.subarray(0, length);
      for (const attempt of [() => mark(cut, mime), () => read(cut)]) {
        try {
          attempt();
        } catch (error) {
          expect(isProsoponError(error) && error.code).toBe("bad-file");
          continue;
        }
        throw new Error(`${length} of ${file.length} bytes were taken for a whole file`);
      }
    }
  });

  test("meets damage with a result or one of its own errors", () => {
    const marked = mark(file, mime, "composite", { model: "m" });
    fc.assert(
      fc.property(
        fc.constantFrom(file, marked),
        fc.array(fc.tuple(fc.oneof(fc.nat(60), fc.nat(marked.length - 1)), fc.nat(255)), {
          minLength: 1,
          maxLength: 5,
        }),
        (whole, edits) => {
          const damaged = Uint8Array.from(whole);
          for (const [place, value] of edits) if (place < damaged.length) damaged[place] = value;
          for (const attempt of [() => mark(damaged, mime), () => read(damaged)]) {
            try {
              attempt();
            } catch (error) {
              if (!isProsoponError(error)) throw error;
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("reads from the middle of a larger buffer, and keeps what follows the image", () => {
    const buffer = joined(new Uint8Array(13), file, bytes("trailer"));
    const view = buffer.subarray(13);
    const marked = mark(view, mime);
    expect(marked.subarray(-7)).toEqual(bytes("trailer"));
    expect(marked.subarray(0, -7)).toEqual(mark(Uint8Array.from(file), mime));
  });
});

test("refuses other formats, a false type and an unknown kind", async () => {
  const file = files[0]!.file;
  expect(() => mark(file, "image/jpeg")).toThrow(/are image\/png, not image\/jpeg/);
  expect(() => mark(file, "image/png", "magic" as never)).toThrow(/"magic" is no IPTC/);
  const gif = await rgb().gif().toBuffer();
  for (const other of [gif, new Uint8Array(), bytes("hello")]) {
    expect(() => read(other)).toThrow(/carries no mark here/);
    expect(() => mark(other, "image/png")).toThrow(/Use PNG, JPEG, WebP or MP4/);
  }
});

test("random bytes after each signature end in bad-file", () => {
  const heads = [
    "\x89PNG\r\n\x1a\n",
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "\xff\xd8\xff\xe1",
    "RIFF\x40\0\0\0WEBP",
    "RIFF\x40\0\0\0WEBPVP8X\n\0\0\0",
  ].map(bytes);
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), (head, tail) => {
      const file = joined(head, tail);
      expect(() => read(file)).toThrow(expect.objectContaining({ name: "ProsoponError", code: "bad-file" }));
    }),
    { numRuns: 500 },
  );
});

test("the JPEG mark follows JFIF and Exif; a packet too long for one segment is refused", () => {
  const file = files.find(({ name }) => name.startsWith("progressive"))!.file;
  const marked = mark(file, "image/jpeg");
  expect(find(marked, "Exif\0")).toBeLessThan(find(marked, "http://ns.adobe.com/xap/1.0/"));
  const description = `<rdf:RDF><rdf:Description>${"a".repeat(65_300)}</rdf:Description></rdf:RDF>`;
  const body = joined(bytes("http://ns.adobe.com/xap/1.0/\0"), bytes(description));
  const length = body.length + 2;
  const full = joined(
    file.subarray(0, 2),
    new Uint8Array([0xff, 0xe1, length >> 8, length & 255]),
    body,
    file.subarray(2),
  );
  expect(read(full)).toBeUndefined();
  expect(() => mark(full, "image/jpeg")).toThrow(/does not fit a JPEG segment/);
});

test("packets in every text chunk of PNG are read and replaced, also compressed ones", () => {
  const plain = files[0]!.file;
  const marked = mark(plain, "image/png", "digitalCapture");
  const packet = bytes(markedPacket(undefined, "digitalCapture", {}));
  const keyword = bytes("XML:com.adobe.xmp\0");
  const packed = Uint8Array.from(deflateSync(packet));
  // Check sums are left out: they are the decoder's business.
  const chunk = (type: string, ...parts: Uint8Array[]) => {
    const body = joined(keyword, ...parts);
    const length = new Uint8Array([0, 0, body.length >> 8, body.length & 255]);
    return joined(plain.subarray(0, 33), length, bytes(type), body, new Uint8Array(4), plain.subarray(33));
  };
  for (const file of [
    chunk("tEXt", packet),
    chunk("zTXt", new Uint8Array(1), packed),
    chunk("iTXt", bytes("\0\0en\0translated\0"), packet),
    chunk("iTXt", bytes("\x01\0\0\0"), packed),
  ]) {
    expect(read(file)).toEqual(read(marked));
    expect(mark(file, "image/png", "composite")).toEqual(mark(plain, "image/png", "composite"));
  }
});
