import type { SigningIdentity } from "@prosopon/provenance/c2pa";

/** What every application of this package is given when its host starts. Packages read no environment: apps do. */
export interface ApplicationOptions {
  /** Where models are looked for, first match first. */
  readonly folders: readonly string[];
  /** The version that marks name. */
  readonly version: string;
  /** The ffmpeg program; "ffmpeg" if not given. */
  readonly ffmpeg?: string;
  /** How many runs at once share a call of the network; default 1. */
  readonly together?: number;
  /** Signs what runs leave behind (C2PA); marks alone if not given. */
  readonly identity?: SigningIdentity;
}
