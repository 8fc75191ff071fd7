import { ProsoponError } from "@prosopon/errors";
import { type Image, image } from "./image.ts";
import { toRgb } from "./to-rgb.ts";

export interface SheetOptions {
  readonly columns: number;
  /** One text for each image, drawn below it by `sheetLabels`. */
  readonly labels?: readonly string[];
  /** Pixels between the cells and around them. Default 4. */
  readonly gap?: number;
  /** Height of the strip for a label in pixels; default 16 with labels, else 0. */
  readonly labelHeight?: number;
  /** Default white. */
  readonly background?: readonly [red: number, green: number, blue: number];
}

/**
 * A contact sheet: the images row by row, each in the middle of a cell as large as the largest. Room for the labels is left
 * free. Throws `bad-input` for no images, or a number of labels that is not the number of images.
 */
export function sheet(images: readonly Image[], options: SheetOptions): Image {
  const layout = layoutOf(images, options);
  const [red, green, blue] = options.background ?? [255, 255, 255];
  const result = image(layout.width, layout.height, 3);
  for (let pixel = 0; pixel < layout.width * layout.height; pixel += 1) result.data.set([red, green, blue], pixel * 3);
  images.forEach((one, index) => {
    const rgb = toRgb(one);
    const x = layout.left(index) + Math.floor((layout.cellWidth - one.width) / 2);
    const y = layout.top(index) + Math.floor((layout.cellHeight - one.height) / 2);
    for (let row = 0; row < one.height; row += 1) {
      const line = rgb.data.subarray(row * one.width * 3, (row + 1) * one.width * 3);
      result.data.set(line, ((y + row) * layout.width + x) * 3);
    }
  });
  return result;
}

/** The labels of `sheet(images, options)` as an SVG of the same size with nothing behind the text, to be laid over it. */
export function sheetLabels(images: readonly Image[], options: SheetOptions): string {
  const layout = layoutOf(images, options);
  const size = Math.max(1, Math.floor(layout.labelHeight * 0.7));
  const texts = (options.labels ?? []).map((label, index) => {
    const x = layout.left(index) + layout.cellWidth / 2;
    const y = layout.top(index) + layout.cellHeight + layout.labelHeight * 0.75;
    return `<text x="${x}" y="${y}">${escaped(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${layout.width}" height="${layout.height}" font-family="sans-serif" font-size="${size}" text-anchor="middle">${texts.join("")}</svg>`;
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly labelHeight: number;
  left(index: number): number;
  top(index: number): number;
}

function layoutOf(images: readonly Image[], { columns, labels, gap = 4, labelHeight: given }: SheetOptions): Layout {
  const labelHeight = given ?? (labels === undefined ? 0 : 16);
  if (images.length === 0 || (labels !== undefined && labels.length !== images.length)) {
    throw new ProsoponError(
      "bad-input",
      `A sheet of ${images.length} images cannot have ${labels?.length ?? "no"} labels.`,
      {
        values: { images: images.length, labels: labels?.length },
        mend: "Give one image or more, and a label for each or none.",
      },
    );
  }
  if (
    !Number.isInteger(columns) ||
    columns < 1 ||
    ![gap, labelHeight].every((size) => Number.isInteger(size) && size >= 0)
  ) {
    throw new ProsoponError("bad-input", "Columns, gap and label height are whole numbers, columns at least 1.", {
      values: { columns, gap, labelHeight },
    });
  }
  const cellWidth = Math.max(...images.map((one) => one.width));
  const cellHeight = Math.max(...images.map((one) => one.height));
  const across = Math.min(columns, images.length);
  const down = Math.ceil(images.length / columns);
  return {
    width: gap + across * (cellWidth + gap),
    height: gap + down * (cellHeight + labelHeight + gap),
    cellWidth,
    cellHeight,
    labelHeight,
    left: (index) => gap + (index % columns) * (cellWidth + gap),
    top: (index) => gap + Math.floor(index / columns) * (cellHeight + labelHeight + gap),
  };
}

// XML 1.0 has no way to write most control characters and lone surrogates, so they become spaces.
function escaped(text: string): string {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code < 32 || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) return " ";
    return "<>&\"'".includes(character) ? `&#${code};` : character;
  }).join("");
}
