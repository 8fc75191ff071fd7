import type { BlobRecord, BlobStore, Job, Json } from "@prosopon/jobs";

/** The files that a job's input refers to, if they are its tenant's; what is missing is noticed where the input is read. */
export async function gatherFiles(
  { input, tenant }: Job,
  blobs: BlobStore,
): Promise<readonly { readonly record: BlobRecord; readonly bytes: Uint8Array }[]> {
  const ids = new Set(
    Object.values(input).flatMap((value) => (Array.isArray(value) ? value : [value]).flatMap(upload)),
  );
  const files: { record: BlobRecord; bytes: Uint8Array }[] = [];
  for (const id of ids) {
    const record = await blobs.describe(id);
    if (record?.tenant === tenant) files.push({ record, bytes: await blobs.get(id) });
  }
  return files;
}

function upload(value: Json): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const { upload: id } = value as { readonly upload?: Json };
  return typeof id === "string" ? [id] : [];
}
