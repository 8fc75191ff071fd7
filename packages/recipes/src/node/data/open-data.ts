import { join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { toPlanar } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { centreSquare } from "./align-picture.ts";
import type { DataSplit } from "./data-item.ts";
import { type DataManifest, readDataManifest } from "./data-manifest.ts";
import { type PreparedItem, readItems } from "./item-journal.ts";

/** A prepared folder. */
export interface PreparedFolder {
  readonly folder: string;
  readonly manifest: DataManifest;
  readonly items: readonly PreparedItem[];
}

/**
 * Opens one split of what `prepareData` made, of either kind unless one is named. @throws `not-found`, `bad-file`; `bad-input` for clips instead
 * of pictures or the other way, or an empty split.
 */
export async function openData(
  folder: string,
  { kind, split }: { readonly kind?: DataManifest["kind"]; readonly split: DataSplit },
): Promise<PreparedFolder> {
  const manifest = await readDataManifest(folder);
  if (kind && manifest.kind !== kind)
    throw new ProsoponError("bad-input", `${folder} holds ${manifest.kind}, and ${kind} are needed.`, {
      values: { folder, kind: manifest.kind },
      mend: "Train reenactment on pictures, talk on clips, first-stage on either.",
    });
  const items = (await readItems(folder)).filter((one): one is PreparedItem => "file" in one && one.split === split);
  if (items.length > 0) return { folder, manifest, items };
  throw new ProsoponError("bad-input", `${folder} has no ${manifest.kind} for ${split}.`, {
    values: { folder, split },
  });
}

/** Pictures of a prepared folder as planes [N, 3, size, size] in [-1, 1]. */
export async function dataPlanes(data: PreparedFolder, files: readonly string[]): Promise<Float32Array> {
  const { size } = data.manifest;
  const stride = 3 * size * size;
  const planes = new Float32Array(files.length * stride);
  for (const [index, file] of files.entries()) {
    const picture = await readImage(join(data.folder, file));
    planes.set(toPlanar(centreSquare(picture, size)), index * stride);
  }
  return planes;
}
