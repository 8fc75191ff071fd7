import { isProsoponError } from "@prosopon/errors";
import { ffmpegVersion } from "@prosopon/media/node";

/** ".mp4" where ffmpeg can write one, else ".webp", which needs no program. */
export async function filmEnding(ffmpeg: string | undefined): Promise<".mp4" | ".webp"> {
  try {
    await ffmpegVersion(ffmpeg === undefined ? {} : { ffmpeg });
    return ".mp4";
  } catch (error) {
    if (isProsoponError(error) && error.code === "unavailable") return ".webp";
    throw error;
  }
}
