import { expect, test } from "vitest";
import { tenantMessage } from "./tenant-message.ts";

test.each([
  ["ffmpeg cannot handle /tmp/run-7/speech: no audio.", "ffmpeg cannot handle speech: no audio."],
  [
    "There is no talking-face model in /root/.local/share/prosopon/models, /srv/app/models.",
    "There is no talking-face model in ….",
  ],
  [
    "ffmpeg cannot handle /tmp/run-7/film: Error opening file:/tmp/run-7/film, file:/srv/app/x.wav or file:///srv/app/x.wav.",
    "ffmpeg cannot handle film: Error opening file:film, file:… or file://….",
  ],
  ["See https://example.org/a/b for file:run.", "See https://example.org/a/b for file:run."],
  ["C:\\Users\\ann\\models is missing.", "… is missing."],
  ["The portrait must be 3/4 or 16/9, see image/png.", "The portrait must be 3/4 or 16/9, see image/png."],
])("%s", (message, shown) => {
  expect(tenantMessage(message, "/tmp/run-7")).toBe(shown);
});
