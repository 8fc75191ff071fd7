import { ProsoponError } from "@prosopon/errors";
import type { Image } from "@prosopon/media";

/** An image and what it should be. Both grey or both RGB, of the same size. */
export interface ImagePair {
  readonly reference: Image;
  readonly image: Image;
}

/** @throws `bad-input` for images that cannot be compared. */
export function checkPair({ reference, image }: ImagePair): void {
  const [a, b] = [reference, image].map(({ width, height, channels }) => `${width} x ${height} x ${channels}`);
  const problem =
    a !== b
      ? "Images of different sizes cannot be compared"
      : reference.channels === 4
        ? "Images with an alpha channel are not compared"
        : undefined;
  if (problem)
    throw new ProsoponError("bad-input", `${problem}: ${a} and ${b}.`, {
      values: { reference: a, image: b },
      mend: "Bring both to the same size and to grey or RGB.",
    });
}
