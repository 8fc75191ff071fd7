import { expect, test } from "vitest";
import { accepts, fileKind } from "./file-kind.ts";

const latin = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ["\xff\xd8\xff\xe0....", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n....", "image/png"],
  ["RIFF....WEBPVP8 ", "image/webp"],
  ["RIFF....WAVEfmt ", "audio/wav"],
  ["ID3\x04....", "audio/mpeg"],
  ["\xff\xfb\x90\x64", "audio/mpeg"],
  ["\xff\xf1\x50\x80", "audio/aac"],
  ["OggS....", "audio/ogg"],
  ["fLaC....", "audio/flac"],
  ["....ftypM4A ....", "audio/mp4"],
  ["....ftypisom....", "video/mp4"],
  ["\x1a\x45\xdf\xa3....B\x82\x84webm....A_OPUS", "audio/webm"],
  ["\x1a\x45\xdf\xa3....B\x82\x84webm....V_VP8", "video/webm"],
  ["#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd", undefined],
  ["<svg xmlns='http://www.w3.org/2000/svg'>", undefined],
  ["\x1a\x45\xdf\xa3 something else", undefined],
  ["GIF89a", undefined],
  ["PK\x03\x04", undefined],
  ["\xff\xff\xff\xff", undefined],
  ["", undefined],
])("the bytes %j are %s", (text, kind) => {
  expect(fileKind(latin(text))).toBe(kind);
});

test("a field that takes sound takes the containers that may hold it", () => {
  expect(accepts(["audio/*"], "audio/wav")).toBe(true);
  expect(accepts(["audio/*"], "video/webm")).toBe(true);
  expect(accepts(["image/png"], "image/jpeg")).toBe(false);
  expect(accepts(["image/*"], "video/mp4")).toBe(false);
});
