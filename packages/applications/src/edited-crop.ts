import { type Image, keepDetail } from "@prosopon/media";
import type { EditResult } from "@prosopon/reenactment";
import { imageOf } from "./planes.ts";

/** An edit of `source` as a picture: with the source's own fine detail wherever the edit left it alone, unless `detail` is false. */
export function editedCrop(
  { image, reconstruction }: Pick<EditResult, "image" | "reconstruction">,
  source: Image,
  { detail = true }: { readonly detail?: boolean } = {},
): Image {
  const edited = imageOf(image);
  return detail ? keepDetail(edited, { source, reconstruction: imageOf(reconstruction) }) : edited;
}
