import { type Image, toRgb } from "@prosopon/media";
import { readImage } from "@prosopon/media/node";
import { read } from "@prosopon/provenance";
import type { FaceExperts } from "./face-experts.ts";
import { type FramedFace, frameFace } from "./frame-face.ts";
import { alignedNote } from "./marked-picture.ts";

export interface PortraitOptions {
  /** Side of the model's pictures. */
  readonly side: number;
  readonly domain: "rendered portraits" | "photographs";
  readonly faces: FaceExperts["faces"];
  readonly warn: (text: string) => void;
}

export interface OpenedPortrait {
  readonly framed: FramedFace;
  /** Our own mark says that it was drawn or made by a program: no person's picture. */
  readonly drawn: boolean;
}

/** A portrait out of the bytes of a picture file, its face brought into the model's square. @throws `bad-file`, `bad-input`. */
export async function openPortrait(bytes: Uint8Array, options: PortraitOptions): Promise<OpenedPortrait> {
  const { side, domain, faces, warn } = options;
  const picture: Image = toRgb(await readImage(bytes, { alpha: "keep" }));
  const mark = markOf(bytes);
  const framed = await frameFace(picture, {
    side,
    domain,
    aligned: false,
    markedAligned: mark?.note === alignedNote,
    wanted: undefined,
    find: faces,
    warn,
  });
  return { framed, drawn: mark?.kind === "algorithmicMedia" };
}

/** A broken or foreign mark is no mark. */
function markOf(bytes: Uint8Array) {
  try {
    const found = read(bytes);
    return found?.software === "Prosopon" ? found : undefined;
  } catch {
    return undefined;
  }
}
