import { fileURLToPath } from "node:url";
import { scene } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import { createGateway } from "@prosopon/gateway";
import { type Application, type BlobStore, file, type UploadReference } from "@prosopon/jobs";
import { embeddedJobs } from "@prosopon/jobs/node";
import { memoryBlobs } from "@prosopon/jobs/testing";
import { pageFolder } from "@prosopon/studio";
import sharp from "sharp";
import { expect, test } from "vitest";
import * as z from "zod";
import { inProcessWorker } from "../../apps/gateway/src/testing/in-process-worker.ts";
import { buildPage, chromium, chromiumIsHere, launchChromium, openStudio } from "./open-studio.ts";

const input = z.strictObject({
  picture: file({ accept: ["image/*"] }).optional(),
  consent: z.boolean().default(false),
  speech: file({ accept: ["audio/*"] }).optional(),
  live: z.boolean().default(false),
  emotion: z.enum(["neutral", "happy", "sad"]).default("neutral"),
  intensity: z.int().min(1).max(3).default(2),
  guidance: z.number().default(1),
  steps: z.int().default(2),
});

/** A drawn face for the talking one, 25 frames for each second of speech; a picture for each second of live sound. */
const talkWith = (blobs: BlobStore): Application<typeof input> => ({
  specification: "application/v1",
  name: "talk",
  description: "Make a portrait speak.",
  input,
  output: "frames",
  async *run({ emotion, speech, live }, { live: arriving }) {
    const { image } = render(scene({ identity: 2, emotion }), { size: 128 });
    const raw = { width: 128, height: 128, channels: 3 } as const;
    const bytes = await sharp(Buffer.from(image.data), { raw }).jpeg().toBuffer();
    const frame = (index: number) =>
      ({
        event: "frame",
        index,
        pts: index / 25,
        duration: 0.04,
        width: 128,
        height: 128,
        mime: "image/jpeg",
        bytes,
      }) as const;
    let index = 0;
    if (live) for await (const _ of arriving ?? []) yield frame(index++);
    // The worker in this process hands files on as references.
    const said = speech && (await blobs.get((speech as unknown as UploadReference).upload));
    for (; said && index < Math.ceil(((said.length - 44) / 32_000) * 25); index += 1) yield frame(index);
    return { name: "talk.jpg", mime: "image/jpeg", bytes };
  },
});

if (!chromiumIsHere && process.env["CI"] === "true") throw new Error(`These tests need ${chromium}.`);

test.skipIf(!chromiumIsHere)(`the gateway's own page speaks to the gateway (${chromium})`, async () => {
  buildPage();
  const { engine, log } = embeddedJobs();
  const blobs = memoryBlobs();
  const talk = talkWith(blobs);
  const gateway = createGateway({
    engine,
    log,
    blobs,
    applications: [talk],
    emotions: ["neutral", "happy", "sad"],
    models: async () => [],
    studio: fileURLToPath(pageFolder),
    limits: { drainSeconds: 1 },
  });
  const stop = await inProcessWorker({ engine, log, blobs, applications: [talk] });
  const { url } = await gateway.listen({ port: 0 });
  const browser = await launchChromium();
  try {
    const { problems, press, says, speakExample, frames, kept } = await openStudio(browser, { url });
    await speakExample();
    await says("Done.");
    expect(await frames()).toBe("111");
    expect(await kept()).toBe("talk.jpg");
    await press("Live");
    await press("Go live");
    await says("Live. Speak now.");
    await says("Behind your voice");
    await press("I have finished");
    await says("Done.");
    await press("Feel");
    await says("This gateway has no application that changes emotions.");
    expect(problems).toEqual([]);
  } finally {
    await browser.close();
    await gateway.close();
    await engine[Symbol.asyncDispose]();
    await stop();
  }
});
