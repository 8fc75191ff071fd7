import { type Tensor, tensor } from "@prosopon/graph";
import { type Image, type Point, resize, toRgb } from "@prosopon/media";

export interface SquareUpOptions {
  /** Side of the square in pixels. */
  readonly side: number;
  /** Longer edge of the picture in the square, in pixels; default: the side. */
  readonly longest?: number;
  /** Put the picture in the middle; default: at the top left. */
  readonly centred?: boolean;
}

export interface SquaredUp {
  /** [1, 3, side, side] RGB, 0..255, black around the picture. */
  readonly tensor: Tensor<"float32">;
  /** A place in the square, in its pixels, as a place in the picture; both count from the top left corner. */
  toPicture(point: Point): Point;
}

/** The picture scaled into a black square, its proportions kept to the nearest pixel. */
export function squareUp(picture: Image, { side, longest = side, centred = false }: SquareUpOptions): SquaredUp {
  const scale = longest / Math.max(picture.width, picture.height);
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const { data } = resize(toRgb(picture), { width, height });
  const left = centred ? Math.floor((side - width) / 2) : 0;
  const top = centred ? Math.floor((side - height) / 2) : 0;
  const planes = new Float32Array(3 * side * side);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) planes[(c * side + y + top) * side + x + left] = data[(y * width + x) * 3 + c]!;
  return {
    tensor: tensor("float32", [1, 3, side, side], planes),
    toPicture: ([x, y]) => [((x - left) * picture.width) / width, ((y - top) * picture.height) / height],
  };
}
