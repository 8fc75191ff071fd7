import { emotions, type Intensity } from "@prosopon/corpus";
import { render } from "@prosopon/corpus/node";
import type { Application } from "@prosopon/jobs";
import * as z from "zod";
import type { ApplicationOptions } from "./application-options.ts";
import { drawnPerson } from "./drawn-person.ts";
import { alignedNote, markedPicture } from "./marked-picture.ts";

const input = z.strictObject({
  person: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .describe("Which of the drawn people, from 0"),
  emotion: z.enum(emotions).default("neutral").describe("What the face shows"),
  intensity: z.int().min(1).max(3).default(2).describe("How strongly, 1 to 3"),
  size: z.int().min(32).max(1024).default(256).describe("Width and height in pixels"),
});

/** Draws one of the corpus' people: an avatar that belongs to nobody. */
export const portraitApplication = ({
  version,
  identity,
}: Pick<ApplicationOptions, "version" | "identity">): Application<typeof input> => ({
  specification: "application/v1",
  name: "portrait",
  description: "Draw an avatar.",
  input,
  output: "image",
  // biome-ignore lint/correctness/useYield: an application may have nothing to tell before its artifact
  async *run({ person, emotion, intensity, size }) {
    const { image } = render(drawnPerson(person, emotion, intensity as Intensity), { size });
    const mark = { kind: "algorithmicMedia", software: "Prosopon", version, note: alignedNote, identity } as const;
    return { bytes: await markedPicture(image, "image/png", mark), mime: "image/png", name: `portrait-${person}.png` };
  },
});
