/** A container of sound or video, told by its first bytes. */
export interface MediaFormat {
  readonly name: string;
  /** The demuxers of ffmpeg that may open it, and no others: playlists and scripts that name other files are none. */
  readonly demuxers: readonly string[];
  /** Whether its index may stand at the end, so that it cannot be read from a pipe. */
  readonly seeks: boolean;
}

const format = (name: string, demuxers: readonly string[], seeks = false): MediaFormat => ({ name, demuxers, seeks });

/** What the first bytes (16 are enough but for MPEG-TS, which needs 400) say that a file is, or undefined. */
export function mediaFormat(bytes: Uint8Array): MediaFormat | undefined {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  if (text.startsWith("RIFF") && text.startsWith("WAVE", 8)) return format("WAV", ["wav"]);
  if (text.startsWith("RIFF") && text.startsWith("AVI ", 8)) return format("AVI", ["avi"], true);
  if (text.startsWith("fLaC")) return format("FLAC", ["flac"]);
  if (text.startsWith("OggS")) return format("Ogg", ["ogg"]);
  if (text.startsWith("\x1aE\xdf\xa3")) return format("Matroska", ["matroska"]);
  if (text.startsWith("FORM") && /^AIF[FC]/.test(text.slice(8))) return format("AIFF", ["aiff"]);
  if (/^(?:ftyp|moov|mdat|wide|free|skip|pnot)/.test(text.slice(4))) return format("MP4", ["mov"], true);
  if (text.startsWith("\0\0\x01\xba")) return format("MPEG", ["mpeg"], true);
  // An ID3 tag stands before MP3 and before AAC, and neither has a signature of its own.
  if (text.startsWith("ID3")) return format("MP3", ["mp3", "aac"]);
  if (bytes[0] === 0xff && (bytes[1]! & 0xf6) === 0xf0) return format("AAC", ["aac"]);
  if (bytes[0] === 0xff && (bytes[1]! & 0xe0) === 0xe0 && (bytes[1]! & 0x06) !== 0) return format("MP3", ["mp3"]);
  if (bytes[0] === 0x47 && bytes[188] === 0x47 && bytes[376] === 0x47) return format("MPEG-TS", ["mpegts"], true);
  return undefined;
}
