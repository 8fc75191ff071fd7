import { expect, test } from "vitest";
import * as z from "zod";
import type { Application } from "./application.ts";
import { file } from "./file-input.ts";
import { loadInput, queuedInput } from "./queued-input.ts";
import { memoryBlobs } from "./testing/memory-blobs.ts";

const input = z.strictObject({
  portrait: file({ accept: ["image/*"], limit: 10 }),
  speech: file({ accept: ["audio/wav"] }).optional(),
  more: z.array(file({ accept: ["image/png"] })).optional(),
  steps: z.number().default(25),
});
const application = { name: "talk", input } as unknown as Application;
const put = { tenant: "anna", name: "a", limit: 100 };

test("the queued form has references where files are", () => {
  const schema = queuedInput(input);
  expect(schema.parse({ portrait: { upload: "a1" } })).toEqual({ portrait: { upload: "a1" }, steps: 25 });
  expect(schema.safeParse({ portrait: { upload: "a1" }, more: [{ upload: "b" }] }).success).toBe(true);
  for (const wrong of [{}, { portrait: "a1" }, { portrait: { upload: "../x" } }, { portrait: { upload: "a", x: 1 } }])
    expect(schema.safeParse(wrong).success).toBe(false);
});

test("files are loaded, if they are the tenant's, small enough and of the right type", async () => {
  const blobs = memoryBlobs();
  const png = await blobs.put(Uint8Array.of(1, 2), { ...put, mime: "image/png" });
  const wav = await blobs.put(Uint8Array.of(3), { ...put, mime: "audio/wav" });
  const large = await blobs.put(new Uint8Array(11), { ...put, mime: "image/png" });
  const load = (fields: Parameters<typeof loadInput>[1], tenant = "anna") =>
    loadInput(application, fields, { blobs, tenant });
  const portrait = { upload: png.id };
  expect(await load({ portrait, speech: { upload: wav.id }, more: [portrait], steps: 3 })).toEqual({
    portrait: { bytes: Uint8Array.of(1, 2), mime: "image/png" },
    speech: { bytes: Uint8Array.of(3), mime: "audio/wav" },
    more: [{ bytes: Uint8Array.of(1, 2), mime: "image/png" }],
    steps: 3,
  });
  await expect(load({ portrait }, "bert")).rejects.toThrow("no file of this tenant");
  await expect(load({ portrait: { upload: "0" } })).rejects.toThrow("no file of this tenant");
  await expect(load({ portrait: { upload: wav.id } })).rejects.toThrow("takes no audio/wav");
  await expect(load({ portrait: { upload: large.id } })).rejects.toThrow("has 11 bytes");
  await expect(load({ portrait, steps: "many" })).rejects.toThrow("steps");
});
