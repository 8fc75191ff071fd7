import type { Box } from "./crop.ts";
import { referenceExtent } from "./reference-face.ts";
import type { Point } from "./transform.ts";

/** What MEAD's frames are stretched to before the thesis cuts faces out. */
export const referenceClipSize = { width: 384, height: 216 } as const;

const margin = 10;

/**
 * The box in which the thesis keeps a talking face for a whole clip (`mead_crop.py`), from 68 landmarks in pixels of a frame of `size`: their
 * extent with ten pixels around it, made square in one direction. Cut off at the frame's edges, beyond which the reference's slices would
 * count from the other side.
 */
export function referenceClipBox(
  landmarks: readonly Point[],
  size: { readonly width: number; readonly height: number } = referenceClipSize,
): Box {
  let [left, top, right, bottom] = referenceExtent(landmarks);
  [left, top, right, bottom] = [left - margin, top - margin, right + margin, bottom + margin];
  const [width, height] = [right - left, bottom - top];
  const offset = Math.floor(Math.abs(width - height) / 2);
  if (width < height) [left, right] = [left - offset, right + offset];
  else if (width > height) [top, bottom] = [top - offset, bottom + offset];
  [left, top] = [Math.max(left, 0), Math.max(top, 0)];
  return { x: left, y: top, width: Math.min(right, size.width) - left, height: Math.min(bottom, size.height) - top };
}
