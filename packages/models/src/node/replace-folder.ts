import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";

/**
 * Puts a finished folder in the place of an older one. A folder with something in it cannot be renamed over, so the older one steps aside
 * first, and comes back if that fails.
 */
export async function replaceFolder(part: string, target: string): Promise<void> {
  const aside = `${dirname(target)}/.${basename(target)}.${randomUUID()}.old`;
  const older = await rename(target, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return false;
      throw error;
    },
  );
  try {
    await rename(part, target);
  } catch (error) {
    if (older) await rename(aside, target);
    throw error;
  }
  if (older) await rm(aside, { recursive: true, force: true });
}
