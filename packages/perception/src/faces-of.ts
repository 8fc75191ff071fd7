import type { Tensor } from "@prosopon/graph";

/** A detected face: its box in pixels of the picture and the detector's confidence, 0..1. */
export interface FaceBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly score: number;
}

export interface FacesOfOptions {
  /** Side of the picture's longer edge in pixels: the detector saw the picture scaled so that this filled its square. */
  readonly side: number;
  /** Least confidence; default 0.5. */
  readonly threshold?: number;
  /** Boxes that overlap a better one by more (intersection over union) are dropped; default 0.4. */
  readonly overlap?: number;
}

const anchors = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
] as const;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function intersectionOverUnion(a: FaceBox, b: FaceBox): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const shared = Math.max(0, width) * Math.max(0, height);
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/** Faces in the output [1, 25, n, n] of `tinyFaceDetector`, best first, overlapping ones removed. */
export function facesOf(output: Tensor, { side, threshold = 0.5, overlap = 0.4 }: FacesOfOptions): readonly FaceBox[] {
  const cells = output.shape[3]!;
  const plane = cells * cells;
  const at = (anchor: number, k: number, cell: number) => Number(output.data[(anchor * 5 + k) * plane + cell]);
  const found: FaceBox[] = [];
  for (let cell = 0; cell < plane; cell++)
    anchors.forEach(([anchorWidth, anchorHeight], a) => {
      const score = sigmoid(at(a, 4, cell));
      if (score < threshold) return;
      const width = (Math.exp(at(a, 2, cell)) * anchorWidth * side) / cells;
      const height = (Math.exp(at(a, 3, cell)) * anchorHeight * side) / cells;
      const x = (((cell % cells) + sigmoid(at(a, 0, cell))) * side) / cells - width / 2;
      const y = ((Math.floor(cell / cells) + sigmoid(at(a, 1, cell))) * side) / cells - height / 2;
      found.push({ x, y, width, height, score });
    });
  found.sort((a, b) => b.score - a.score);
  const kept: FaceBox[] = [];
  for (const box of found) if (kept.every((better) => intersectionOverUnion(better, box) <= overlap)) kept.push(box);
  return kept;
}
