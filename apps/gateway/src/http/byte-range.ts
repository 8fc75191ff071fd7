import type { ByteRange } from "@prosopon/jobs";

/**
 * One range of a Range header (RFC 9110, section 14) for a file of `size` bytes: undefined to send all of it (no header, several ranges,
 * another unit), "unsatisfiable" for 416.
 */
export function byteRange(header: string | undefined, size: number): Required<ByteRange> | "unsatisfiable" | undefined {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (!found || (found[1] === "" && found[2] === "")) return undefined;
  const [, from = "", to = ""] = found;
  if (from === "") {
    const last = Math.min(Number(to), size);
    return last === 0 ? "unsatisfiable" : { start: size - last, end: size - 1 };
  }
  const start = Number(from);
  const end = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}
