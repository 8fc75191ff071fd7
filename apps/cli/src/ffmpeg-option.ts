import type { Context } from "./context.ts";

/** The ffmpeg that PROSOPON_FFMPEG names; without it the one in PATH is used. */
export const ffmpegOption = ({ env }: Pick<Context, "env">): { readonly ffmpeg?: string } =>
  env["PROSOPON_FFMPEG"] ? { ffmpeg: env["PROSOPON_FFMPEG"] } : {};
