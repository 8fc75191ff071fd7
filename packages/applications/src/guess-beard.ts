import type { BeardStyle } from "@prosopon/corpus";
import type { FaceColours } from "./face-colours.ts";
import type { Guess } from "./like-photo.ts";

/** A beard from how dark chin, upper lip and jaw are beside the cheeks. */
export function guessBeard({ chin, moustache, jaw }: Pick<FaceColours, "chin" | "moustache" | "jaw">): Guess<BeardStyle> {
  const dark = (share: number, from: number) => (from - share) / 0.2;
  const [c, m, j] = [dark(chin, 0.78), dark(moustache, 0.74), dark(jaw, 0.7)];
  const sure = (margin: number) => Math.min(1, Math.max(0.1, Math.abs(margin)));
  if (c > 0 && j > 0) return { value: "full", confidence: sure(Math.min(c, j)) };
  if (c > 0 && m > 0) return { value: "goatee", confidence: sure(Math.min(c, m)) };
  if (m > 0.5) return { value: "moustache", confidence: sure(m - 0.5) };
  const shade = (0.86 - (chin + moustache) / 2) / 0.1;
  if (shade > 0) return { value: "stubble", confidence: sure(shade) / 2 };
  return { value: "none", confidence: sure(shade) };
}
