import type { BeardStyle } from "@prosopon/corpus";
import type { FaceColours } from "./face-colours.ts";
import type { Guess } from "./like-photo.ts";

/**
 * A beard from how dark chin, upper lip and jaw are beside the cheeks; white ones are not seen. A head that is turned far (yaw in degrees) has one side in
 * shadow, and then nothing is claimed.
 */
export function guessBeard(
  { chin, moustache, jaw }: Pick<FaceColours, "chin" | "moustache" | "jaw">,
  yaw: number,
): Guess<BeardStyle> {
  if (Math.abs(yaw) > 22) return { value: "none", confidence: 0.1 };
  const sure = (margin: number) => Math.min(1, Math.max(0.1, margin / 0.15));
  const [c, m, j] = [0.62 - chin, 0.66 - moustache, 0.62 - jaw];
  if (c > 0 && j > 0) return { value: "full", confidence: sure(Math.min(c, j)) };
  if (c > 0 && m > 0) return { value: "goatee", confidence: sure(Math.min(c, m)) };
  if (m > 0.06 && chin > 0.75) return { value: "moustache", confidence: sure(m) };
  const shade = Math.min(0.8 - chin, 0.8 - moustache, 0.8 - jaw);
  if (shade > 0) return { value: "stubble", confidence: sure(shade) / 2 };
  return { value: "none", confidence: sure(-shade) };
}
