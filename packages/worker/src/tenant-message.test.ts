import { expect, test } from "vitest";
import { tenantMessage } from "./tenant-message.ts";

test.each([
  ["ffmpeg cannot handle /tmp/run-7/speech: no audio.", "ffmpeg cannot handle speech: no audio."],
  [
    "There is no talking-face model in /root/.local/share/prosopon/models, /srv/app/models.",
    "There is no talking-face model in ….",
  ],
  ["C:\\Users\\ann\\models is missing.", "… is missing."],
  ["The portrait must be 3/4 or 16/9, see image/png.", "The portrait must be 3/4 or 16/9, see image/png."],
])("%s", (message, shown) => {
  expect(tenantMessage(message, "/tmp/run-7")).toBe(shown);
});
