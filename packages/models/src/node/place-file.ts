import { copyFile, link } from "node:fs/promises";

/** A name of its own for a file that stays where it is; a copy where the file system has no links. */
export const placeFile = (from: string, to: string): Promise<void> => link(from, to).catch(() => copyFile(from, to));
