// Files: real ones of every kind that is taken, made here and then mutated, and hostile ones that name other files and hosts.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";

const noise = (random, length) => Buffer.from(Array.from({ length }, () => 256 * random()));

/** Small sound files. Each [field of `decode`, bytes]. */
export async function makeFiles(folder, random) {
  const pixels = { raw: { width: 48, height: 48, channels: 3 } };
  const picture = () => sharp(noise(random, 48 * 48 * 3), pixels).withExif({ IFD0: { Copyright: "nobody" } });
  const files = [];
  for (const format of ["jpeg", "png", "webp"])
    for (const options of [{}, format === "webp" ? { lossless: true } : { progressive: true }])
      files.push(["picture", await picture()[format](options).toBuffer()]);
  const tone = ["-f", "lavfi", "-i", "sine=frequency=300:duration=0.4:sample_rate=16000"];
  const film = ["-f", "lavfi", "-i", "testsrc=size=32x32:duration=0.4:rate=10"];
  const ffmpeg = (name, ...given) => {
    const path = join(folder, name);
    execFileSync("ffmpeg", ["-v", "error", "-y", ...given, path]);
    return readFileSync(path);
  };
  for (const name of ["a.wav", "a.mp3", "a.ogg", "a.flac", "a.m4a", "a.aac"])
    files.push(["sound", ffmpeg(name, ...tone)]);
  for (const name of ["b.mp4", "b.webm"]) files.push(["film", ffmpeg(name, ...film, ...tone, "-shortest")]);
  return files;
}

/** A file with some of its bytes flipped, overwritten, repeated, moved, cut off, or joined to another's. */
export function mutate(bytes, other, random) {
  let now = Buffer.from(bytes);
  const at = (length = now.length) => Math.floor(random() * length);
  for (let edits = 1 + at(4); edits > 0 && now.length > 0; edits--) {
    const place = at();
    const length = 1 + at(Math.min(64, now.length - place));
    const part = now.subarray(place, place + length);
    const change = [
      () => (now[place] ^= 1 << at(8)),
      () => noise(random, length).copy(now, place),
      () => now.fill([0, 0xff, 0x7f, 0x80][at(4)], place, place + length),
      () => (now = Buffer.concat([now.subarray(0, place), part, part, now.subarray(place)])),
      () => (now = Buffer.concat([now.subarray(0, place), now.subarray(place + length)])),
      () => (now = now.subarray(0, place)),
      () => (now = Buffer.concat([now.subarray(0, place), other.subarray(at(other.length))])),
      // Sizes and counts of headers lie at the beginning.
      () => now.writeUInt32BE(at(2 ** 32), Math.min(at(64), Math.max(0, now.length - 4))),
    ][at(8)];
    if (now.length >= 4) change();
  }
  return now;
}

/** Files that ask to read another file or to call a host. */
export async function hostileFiles(secret, url, { bomb: wanted }) {
  const text = (lines) => Buffer.from(lines.join("\n"));
  const playlist = (target) => ["#EXTM3U", "#EXT-X-TARGETDURATION:1", "#EXTINF:1,", target, "#EXT-X-ENDLIST"];
  const master = (target) => ["#EXTM3U", "#EXT-X-STREAM-INF:BANDWIDTH=1", target];
  const svg = (target) => [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"><image xlink:href="${target}" width="9" height="9"/></svg>`,
  ];
  const targets = [
    `file://${secret}`,
    secret,
    `${url}/called`,
    `concat:${secret}|${secret}`,
    `subfile,,start,0,end,9,,:${secret}`,
  ];
  const texts = targets.flatMap((target) =>
    [playlist(target), master(target), svg(target), ["ffconcat version 1.0", `file '${target}'`]].map(text),
  );
  const heads = [
    "",
    "RIFF\x24\0\0\0WAVE",
    "ID3\x03\0\0\0\0\0\0",
    "OggS",
    "\0\0\0\x18ftypisom",
    "\xff\xd8\xff\xe0",
    "\x1a\x45\xdf\xa3webm",
  ];
  // A small file of many pixels, which takes its time to make.
  const bomb = () =>
    sharp({ create: { width: 8200, height: 8200, channels: 3, background: "#fff" } })
      .png({ compressionLevel: 9 })
      .toBuffer();
  return [
    ...texts.flatMap((one) =>
      heads.flatMap((head) =>
        ["sound", "picture", "film"].map((field) => [field, Buffer.concat([Buffer.from(head, "latin1"), one])]),
      ),
    ),
    ...(wanted ? [["picture", await bomb()]] : []),
  ];
}
