import type { SamplerName } from "@prosopon/reenactment";

/** Written out, because help must not load the library behind it; a test compares the two. */
export const samplerNames = [
  "ddim",
  "dpmpp-2m",
  "dpmpp-2s",
  "dpmpp-3s",
  "dpmpp-sde",
  "unipc",
  "heun",
  "few-step",
] as const satisfies readonly SamplerName[];
