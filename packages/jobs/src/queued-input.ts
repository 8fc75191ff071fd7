import { ProsoponError } from "@prosopon/errors";
import * as z from "zod";
import type { Application, Media } from "./application.ts";
import type { BlobStore } from "./blob-store.ts";
import { fileOptions } from "./file-input.ts";
import type { Json } from "./job.ts";

const reference = z.strictObject({ upload: z.string().regex(/^[a-z0-9]{1,64}$/, "must be an upload's id") });

/** The schema of an application's input as it is queued: JSON, with `{ upload: id }` where a file is. */
export function queuedInput(input: z.ZodObject): z.ZodObject {
  const fields = Object.entries(input.shape as Record<string, z.ZodType>).map(([name, field]) => {
    const files = fileOptions(field) && (isList(field) ? z.array(reference) : reference);
    if (!files) return [name, field] as const;
    return [name, field.safeParse(undefined).success ? files.optional() : files] as const;
  });
  return z.strictObject(Object.fromEntries(fields));
}

/**
 * Puts files where their references are and holds the whole against the application's schema.
 * @throws `bad-input` for a file that is not the tenant's, too large or of another type, and for what the schema refuses.
 */
export async function loadInput(
  application: Application,
  input: Readonly<Record<string, Json>>,
  { blobs, tenant }: { readonly blobs: Pick<BlobStore, "describe" | "get">; readonly tenant: string },
): Promise<z.output<z.ZodObject>> {
  const loaded: Record<string, unknown> = {};
  const shape = application.input.shape as Record<string, z.ZodType>;
  for (const [name, value] of Object.entries(input)) {
    const schema = shape[name];
    const options = schema && fileOptions(schema);
    if (!options || value === null) loaded[name] = value;
    else if (Array.isArray(value)) loaded[name] = await Promise.all(value.map((one) => load(name, one, options)));
    else loaded[name] = await load(name, value, options);
  }
  const parsed = await application.input.safeParseAsync(loaded);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new ProsoponError("bad-input", `This is no input of ${application.name}: ${problems.join("; ")}.`, {
    values: { problems },
  });

  async function load(
    field: string,
    value: Json,
    options: { accept: readonly string[]; limit: number },
  ): Promise<Media> {
    const { success, data } = reference.safeParse(value);
    const record = success ? await blobs.describe(data.upload) : undefined;
    // A file of another tenant is as unknown as one that never was.
    if (!record || record.tenant !== tenant)
      throw new ProsoponError("bad-input", `The field "${field}" names no file of this tenant.`, {
        values: { field },
        mend: "Upload it first, then give { upload: id }.",
      });
    const { mime, size } = record;
    if (!options.accept.some((one) => one === mime || (one.endsWith("/*") && mime.startsWith(one.slice(0, -1)))))
      throw new ProsoponError("bad-input", `The field "${field}" takes no ${mime}.`, {
        values: { field, mime, accept: options.accept },
        mend: `It takes ${options.accept.join(", ")}.`,
      });
    if (size > options.limit)
      throw new ProsoponError("bad-input", `The file of "${field}" has ${size} bytes.`, {
        values: { field, size, limit: options.limit },
        mend: `At most ${options.limit}.`,
      });
    return { bytes: await blobs.get(record.id), mime };
  }
}

/** Whether a field holds a list, given or not. `fileOptions` looks through lists. By names, which hold for schemas of any copy of zod. */
function isList(schema: z.ZodType): boolean {
  const { type } = schema.def;
  if (type === "array") return true;
  return (type === "optional" || type === "default") && isList((schema as z.ZodOptional<z.ZodType>).unwrap());
}
