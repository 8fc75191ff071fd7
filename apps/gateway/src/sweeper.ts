import { reasonOf } from "./graphql/mask-error.ts";
import type { Services } from "./services.ts";

export interface Sweeper {
  /** An upload that this gateway took. */
  remember(id: string): void;
  start(): void;
  stop(): void;
}

const MINUTE = 60_000;

/**
 * Deletes uploads when `limits.uploadSeconds` are over, and whatever is older than `limits.artifactSeconds`. The first rests on this
 * process's memory, so uploads of a gateway that died go with the second.
 */
export function createSweeper({ blobs, limits, tell }: Pick<Services, "blobs" | "limits" | "tell">): Sweeper {
  const uploads = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  const sweep = async (): Promise<void> => {
    let count = 0;
    // In the order of insertion, which is the order of ends.
    for (const [id, end] of uploads) {
      if (end > Date.now()) break;
      await blobs.delete(id);
      uploads.delete(id);
      count++;
    }
    count += await blobs.expire(1000 * limits.artifactSeconds);
    if (count > 0) tell("info", "swept", { count });
  };
  const every = Math.min(MINUTE, (1000 * Math.min(limits.uploadSeconds, limits.artifactSeconds)) / 2);
  return {
    remember: (id) => void uploads.set(id, Date.now() + 1000 * limits.uploadSeconds),
    start() {
      timer ??= setInterval(() => {
        sweep().catch((error: unknown) => tell("error", "sweep-failed", { reason: reasonOf(error) }));
      }, every);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}
