import type { BlobRecord } from "@prosopon/jobs";
import { refusal } from "../limits/refusal.ts";
import type { Services } from "../services.ts";
import { FILE_KIND_BYTES, fileKind } from "./file-kind.ts";

export interface TakeUploadOptions {
  readonly tenant: string;
  /** Most bytes. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * Stores a file that a client sends, as it comes in. Its kind is told by its first bytes; the client's own name for it is not kept.
 * @throws a refusal: `UNSUPPORTED` for other kinds, `TOO_LARGE`, `RATE_LIMITED`.
 */
export async function takeUpload(
  { blobs, quotas, metrics, tell, remember }: Pick<Services, "blobs" | "quotas" | "metrics" | "tell" | "remember">,
  source: AsyncIterable<Uint8Array>,
  { tenant, limit, signal }: TakeUploadOptions,
): Promise<BlobRecord> {
  await quotas.take("uploadBytes", tenant, 0);
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head: Uint8Array[] = [];
    let bytes = 0;
    const sized = async (chunk: Uint8Array): Promise<Uint8Array> => {
      bytes += chunk.length;
      if (bytes > limit) throw refusal("TOO_LARGE", `The file is larger than ${limit} bytes.`);
      await quotas.take("uploadBytes", tenant, chunk.length);
      return chunk;
    };
    while (bytes < FILE_KIND_BYTES) {
      const step = await chunks.next();
      if (step.done) break;
      head.push(await sized(step.value));
    }
    const mime = fileKind(Buffer.concat(head));
    if (!mime)
      throw refusal(
        "UNSUPPORTED",
        "This is no picture, sound or video that is taken: JPEG, PNG, WebP, WAV, MP3, OGG, FLAC, AAC, MP4, WebM.",
      );
    const whole = async function* (): AsyncGenerator<Uint8Array> {
      yield* head;
      for (let step = await chunks.next(); !step.done; step = await chunks.next()) yield await sized(step.value);
    };
    const record = await blobs.put(whole(), {
      mime,
      tenant,
      name: `upload.${mime.slice(mime.indexOf("/") + 1)}`,
      limit,
      ...(signal ? { signal } : {}),
    });
    remember(record.id);
    metrics.uploads.inc({ mime });
    tell("info", "upload", { tenant, bytes: record.size });
    return record;
  } finally {
    await chunks.return?.();
  }
}
