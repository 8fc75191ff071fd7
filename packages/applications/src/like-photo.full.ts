import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readImage } from "@prosopon/media/node";
import { listModels } from "@prosopon/models/node";
import { createHost } from "@prosopon/runtime/node";
import { expect, test } from "vitest";
import { faceExperts } from "./face-experts.ts";
import { luminance } from "./photo-patches.ts";
import { portraitLike } from "./portrait-like.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const faces = join(repository, process.env["PROSOPON_DATA"] ?? "../shared/data", "faces");
const folders = [join(repository, "models")];
const finder = (await listModels(folders)).some((one) => one.manifest?.kind === "face-finder");
if (!existsSync(faces)) console.log("skipped: no faces in PROSOPON_DATA");

test.skipIf(!existsSync(faces) || !finder)(
  "photographs: shape nearer than an ordinary person's, skin and glasses as they are",
  async () => {
    await using host = await createHost({ device: "cpu", threads: 1 });
    const signal = new AbortController().signal;
    const experts = faceExperts({ host, folders, domain: "rendered portraits", emotions: [], signal });
    const like = async (name: string) =>
      portraitLike(await readImage(join(faces, name)), { find: (picture) => experts.faces(picture), size: 128 });
    const dark = await like("azure_detection2.jpg");
    const light = await like("astronaut.png");
    const glasses = await like("azure_detection1.jpg");
    for (const one of [dark, light, glasses]) expect(one.landmarkError).toBeLessThan(0.8 * one.landmarkErrorBefore);
    expect(luminance(light.scene.person.skin) - luminance(dark.scene.person.skin)).toBeGreaterThan(60);
    expect(luminance(light.scene.person.hairColour)).toBeGreaterThan(luminance(dark.scene.person.hairColour) + 40);
    expect([dark, light, glasses].map((one) => one.glasses.value !== "none")).toEqual([false, false, true]);
    await expect(like("two_people.jpg")).rejects.toThrow("2 faces were found");
  },
);
