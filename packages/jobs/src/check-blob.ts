import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import type { BlobRecord, ByteRange, PutOptions } from "./blob-store.ts";
import { tenantSchema } from "./check-specification.ts";

const schema = z.object({
  tenant: tenantSchema,
  mime: z.string().regex(/^[a-z]+\/[a-z0-9.+-]{1,80}$/, "must be a MIME type without parameters"),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  name: z.string().regex(/^(?!\.)[^\u0000-\u001f\u007f/\\]{1,200}$/, "must be a file name without a folder"),
  limit: z.number().positive(),
});

/** @throws `bad-input`. */
export function checkPut(options: PutOptions): void {
  const parsed = schema.safeParse(options);
  if (parsed.success) return;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ProsoponError("bad-input", `This file cannot be kept: ${problems.join("; ")}.`, { values: { problems } });
}

/** The first byte and the number of bytes. @throws `bad-input` for a range outside the file. */
export function checkRange({ id, size }: BlobRecord, { start, end = size - 1 }: ByteRange): readonly [number, number] {
  const whole = start === 0 && size === 0;
  const fits = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end < size;
  if (!whole && !fits)
    throw new ProsoponError("bad-input", `Bytes ${start} to ${end} are not in file "${id}".`, {
      values: { id, start, end, size },
      mend: `It has ${size} bytes.`,
    });
  return [start, end - start + 1];
}

export const tooLarge = (limit: number): ProsoponError =>
  new ProsoponError("bad-input", `The file is larger than ${limit} bytes.`, { values: { limit } });

export const putCancelled = (): ProsoponError => new ProsoponError("cancelled", "The upload was cancelled.");

export const unknownBlob = (id: string): ProsoponError =>
  new ProsoponError("not-found", `There is no file "${id.slice(0, 64)}".`, {
    values: { id: id.slice(0, 64) },
    mend: "Upload it again: files are kept for a limited time.",
  });

/** An unguessable id: 128 random bits. */
export const newBlobId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
