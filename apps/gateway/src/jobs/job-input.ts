import type { Application, BlobStore, Json, Media } from "@prosopon/jobs";
import { type Field, type FieldKind, fieldsOf } from "../graphql/field-kind.ts";
import { accepts } from "../http/file-kind.ts";
import { refusal } from "../limits/refusal.ts";

export interface JobInput {
  /** As the engine takes it: files are `{ upload: id }`. */
  readonly input: { readonly [field: string]: Json };
  /** True when one of the uploads is a picture. */
  readonly picture: boolean;
}

export interface JobInputOptions {
  readonly application: Application;
  readonly blobs: BlobStore;
  readonly tenant: string;
}

const idPattern = /^[A-Za-z0-9-]{1,128}$/;

/**
 * Holds what a mutation was given against the application's schema, and its uploads against what their fields accept. The schema's
 * defaults are filled in.
 * @throws a refusal `BAD_INPUT` that names the field; `NOT_FOUND` for an upload that is absent or another tenant's.
 */
export async function jobInput(
  given: Readonly<Record<string, unknown>>,
  { application, blobs, tenant }: JobInputOptions,
): Promise<JobInput> {
  /** Stands for an upload while the schema looks at the input: workers read the bytes, the gateway never does. */
  const uploads = new Map<Media, string>();
  let picture = false;

  const upload = async (id: unknown, kind: FieldKind & { readonly kind: "file" }, path: string): Promise<Media> => {
    const record = typeof id === "string" && idPattern.test(id) ? await blobs.describe(id) : undefined;
    if (!record || record.tenant !== tenant) throw refusal("NOT_FOUND", `${path}: there is no such upload.`);
    const { accept, limit } = kind.file;
    if (!accepts(accept, record.mime))
      throw refusal("BAD_INPUT", `${path}: ${record.mime} is not taken, only ${accept.join(", ")}.`);
    if (record.size > limit)
      throw refusal("BAD_INPUT", `${path}: the file has ${record.size} bytes, at most ${limit} are taken.`);
    picture ||= record.mime.startsWith("image/");
    const media: Media = { bytes: new Uint8Array(0), mime: record.mime };
    uploads.set(media, record.id);
    return media;
  };

  const withMedia = async (value: unknown, kind: FieldKind, path: string): Promise<unknown> => {
    if (kind.kind === "file") return upload(value, kind, path);
    if (kind.kind === "list" && Array.isArray(value))
      return Promise.all(value.map((one, index) => withMedia(one, kind.of, `${path}[${index}]`)));
    if (kind.kind === "object" && typeof value === "object" && value !== null)
      return fields(value as Record<string, unknown>, kind.fields, `${path}.`);
    return value;
  };

  const fields = async (
    values: Readonly<Record<string, unknown>>,
    known: Readonly<Record<string, Field>>,
    path: string,
  ): Promise<Record<string, unknown>> => {
    const result: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(values)) {
      const field = known[key];
      // GraphQL says null where a caller left an optional field out.
      if (value === null || value === undefined) continue;
      result[key] = field ? await withMedia(value, field.type, `${path}${key}`) : value;
    }
    return result;
  };

  const parsed = application.input.safeParse(await fields(given, fieldsOf(application.input), ""));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refusal("BAD_INPUT", `${issue?.path.join(".") || "input"}: ${issue?.message ?? "is not valid"}.`);
  }

  const json = (value: unknown): Json | undefined => {
    if (typeof value === "object" && value !== null) {
      const id = uploads.get(value as Media);
      if (id !== undefined) return { upload: id };
      if (Array.isArray(value)) return value.map((one) => json(one) ?? null);
      return Object.fromEntries(
        Object.entries(value).flatMap(([key, one]) => {
          const kept = json(one);
          return kept === undefined ? [] : [[key, kept]];
        }),
      );
    }
    return value === undefined ? undefined : (value as Json);
  };
  return { input: json(parsed.data) as JobInput["input"], picture };
}
