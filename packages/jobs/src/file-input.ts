import * as z from "zod";
import type { Media } from "./application.ts";

export interface FileOptions {
  /** MIME types that are taken, such as "image/png" or "audio/*". */
  readonly accept: readonly string[];
  /** Largest size in bytes; default 64 MiB. */
  readonly limit?: number;
}

/** Where a schema keeps its options. Of all copies of this module: an application's package may have one of its own. */
const key = Symbol.for("prosopon/file/v1");

/**
 * A field that holds a file: a path on the command line, an upload's id in a mutation, bytes with a MIME type inside `run`. What it accepts
 * is found again by `fileOptions`.
 */
export function file({ accept, limit = 64 * 2 ** 20 }: FileOptions): z.ZodType<Media> {
  const schema = z.custom<Media>(
    (value) =>
      typeof value === "object" &&
      value !== null &&
      "bytes" in value &&
      value.bytes instanceof Uint8Array &&
      "mime" in value,
    "must be a file",
  );
  return Object.assign(schema, { [key]: { accept, limit } });
}

/** What a field made by `file` accepts; undefined for any other schema. Looks through `optional`, `default` and `describe`, which copies. */
export function fileOptions(schema: z.ZodType): Required<FileOptions> | undefined {
  if (key in schema) return schema[key] as Required<FileOptions>;
  const { parent } = schema._zod;
  if (parent) return fileOptions(parent as z.ZodType);
  const inner = "unwrap" in schema && typeof schema.unwrap === "function" ? (schema.unwrap() as z.ZodType) : undefined;
  return inner && inner !== schema ? fileOptions(inner) : undefined;
}
