import type { Image } from "@prosopon/media";

/** Reads what a mouth says: a plugin, such as a visual speech recogniser that the user brings as ONNX. Its transcripts go into `textErrorRate`. */
export interface LipReader {
  readonly specification: "lip-reader/v1";
  /** With its weights' hash, for protocol lines. */
  readonly name: string;
  /** What it wants to see, for whoever cuts the pictures. */
  readonly input: {
    readonly width: number;
    readonly height: number;
    readonly framesPerSecond: number;
    /** `mouth`: pictures of the mouth alone; `face`: aligned faces. */
    readonly region: "mouth" | "face";
  };
  /** One clip, its pictures in order. @throws `bad-input` for other pictures than `input` says, `cancelled`. */
  read(pictures: readonly Image[], options?: { readonly signal?: AbortSignal }): Promise<string>;
}
