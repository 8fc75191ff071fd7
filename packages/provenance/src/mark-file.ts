import { randomUUID } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { copyFile, open, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ProsoponError } from "@prosopon/errors";
import { unreadableFile, writeFileAtomic } from "@prosopon/media/node";
import { bytesToText, textToBytes } from "./byte-text.ts";
import { containerOf } from "./container-of.ts";
import type { SigningIdentity } from "./development-certificate.ts";
import type { DigitalSource } from "./digital-source.ts";
import { checkKind, checkPacketLength, mark } from "./mark.ts";
import { isMp4, type Mp4Edit, mp4Edit, xmpBox } from "./mp4.ts";
import { type MarkDetails, markedPacket, type Provenance, readPacket } from "./packet.ts";
import { read } from "./read.ts";

export interface MarkFileOptions extends MarkDetails {
  /** Default `compositeWithTrainedAlgorithmicMedia`. */
  readonly kind?: DigitalSource;
  /** Where the marked file goes. Default: in place of `file`. */
  readonly output?: string;
  /** Signs the marked file with C2PA as well, see `sign`; it is read whole then and may have 256 MiB. */
  readonly identity?: SigningIdentity;
}

/** Pictures, and films that are signed, are read whole; a film may have any length. */
const LARGEST_PICTURE = 2 ** 28;

/**
 * `mark` for a file (PNG, JPEG, WebP, MP4), which is replaced whole or not at all. Of a film only the heads of its boxes are read, so
 * its length does not matter to the memory. Throws what `mark` throws; `not-found`; `output` if it cannot be written.
 */
export async function markFile(file: string, options: MarkFileOptions = {}): Promise<void> {
  const { kind = "compositeWithTrainedAlgorithmicMedia", output = file, identity, ...details } = options;
  checkKind(kind);
  const film = inspect(file);
  if (identity !== undefined) {
    const bytes = await readPicture(file);
    // The library of 9 MB is loaded only when it is needed.
    const { sign } = await import("./sign.ts");
    const marked = mark(bytes, containerOf(bytes).mime, kind, details);
    await writeFileAtomic(output, await sign(marked, { ...details, kind, identity }));
    return;
  }
  if (film === undefined) {
    const bytes = await readPicture(file);
    await writeFileAtomic(output, mark(bytes, containerOf(bytes).mime, kind, details));
    return;
  }
  const { edit, packet, tail } = film;
  const box = xmpBox(textToBytes(markedPacket(packet, kind, details)));
  const partial = join(dirname(output), `.${basename(output).slice(0, 80)}.${randomUUID()}.partial`);
  try {
    await copyFile(file, partial, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    const handle = await open(partial, "r+");
    try {
      for (const { at, bytes } of edit.patches) await handle.write(bytes, 0, bytes.length, at);
      await handle.truncate(edit.insertAt);
      await handle.write(box, 0, box.length, edit.insertAt);
      await handle.write(tail, 0, tail.length, edit.insertAt + box.length);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, output);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    throw new ProsoponError("output", `${output} could not be written: ${(error as Error).message}.`, {
      values: { output },
      cause: error,
    });
  }
}

/** `read` for a file; of a film only the heads of its boxes and the mark are read. Throws `not-found` and what `read` throws. */
export async function readFileMark(file: string): Promise<Provenance | undefined> {
  const film = inspect(file);
  if (film === undefined) return read(await readPicture(file));
  return film.packet === undefined ? undefined : readPacket(film.packet);
}

interface Film {
  readonly edit: Mp4Edit;
  readonly packet: string | undefined;
  readonly tail: Uint8Array;
}

/** What stands in an MP4; undefined for other files. */
function inspect(file: string): Film | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const entry = fstatSync(descriptor);
    if (!entry.isFile())
      throw new ProsoponError("bad-input", `${file} is a folder or device, not a file.`, { values: { file } });
    const place = descriptor;
    const access = (at: number, length: number): Uint8Array => {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(place, bytes, 0, length, at));
    };
    if (!isMp4(access(0, 16))) return undefined;
    const edit = mp4Edit({ size: entry.size, read: access });
    if (edit.packet !== undefined) checkPacketLength(edit.packet.length);
    if (edit.tail.to - edit.tail.from > LARGEST_PICTURE) {
      throw new ProsoponError("bad-file", `The index at the end of ${file} is too long.`, { values: { file } });
    }
    return {
      edit,
      packet: edit.packet && bytesToText(access(edit.packet.at, edit.packet.length)),
      tail: access(edit.tail.from, edit.tail.to - edit.tail.from),
    };
  } catch (error) {
    throw unreadableFile(file, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

async function readPicture(file: string): Promise<Uint8Array> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadableFile(file, error);
  });
  if (bytes.length > LARGEST_PICTURE) {
    throw new ProsoponError("bad-input", `${file} has ${bytes.length} bytes; at most ${LARGEST_PICTURE} are read.`, {
      values: { file, length: bytes.length },
    });
  }
  return bytes;
}
