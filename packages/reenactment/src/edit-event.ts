import type { Planes } from "./planes.ts";

export interface EditEvent {
  /** On the way to noise, or back. */
  readonly event: "inversion" | "sampling";
  /** Steps done, 1..total. */
  readonly index: number;
  /** Steps of both ways together. */
  readonly total: number;
  /** The time that the network was asked at. */
  readonly time: number;
  /** Latents as seen without their noise, [B, C, h, w]. */
  readonly denoised: Planes;
}
