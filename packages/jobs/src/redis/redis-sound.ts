import type { Redis } from "ioredis";
import { bell } from "../stream/bell.ts";
import { pulled } from "../stream/pulled.ts";
import * as scripts from "./engine-scripts.ts";
import type { Hints } from "./hints.ts";
import type { Keys } from "./keys.ts";
import { buffer, list, word } from "./script.ts";

/** Sound as bytes: float32, little endian on every machine that Node runs on. */
export const soundBytes = (chunk: Float32Array): Uint8Array =>
  buffer(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));

/** What was fed to a job, from its first kept chunk. */
export function redisSound(
  id: string,
  { redis, keys, hints }: { readonly redis: Redis; readonly keys: Keys; readonly hints: Hints },
): AsyncIterableIterator<Float32Array> {
  const changes = bell();
  const chunks: Float32Array[] = [];
  let position = "0-0";
  let heard = 0;
  let stop = (): void => {};
  return pulled({
    async open() {
      stop = await hints.listen(keys.hint(id), (what) => {
        if (what !== "e") changes.ring();
      });
      return changes;
    },
    async take() {
      if (chunks.length === 0) {
        const reply = await scripts.hear(redis, [], [keys.prefix, id, 0, 0, 0, position, heard]);
        const [entries, ended] = list(reply);
        for (const entry of list(entries)) {
          const [at, flat] = list(entry);
          const bytes = list(flat)[1] as Buffer;
          // A copy, since floats must lie at multiples of four.
          const chunk = new Float32Array(new Uint8Array(bytes).buffer);
          position = word(at);
          heard = Number(position.split("-")[0]) - 1 + chunk.length;
          chunks.push(chunk);
        }
        if (chunks.length === 0) return ended === 1 ? "done" : undefined;
        void scripts.hear(redis, [], [keys.prefix, id, 0, 0, 0, position, heard]).catch(() => {});
      }
      return chunks.shift();
    },
    close: () => stop(),
  });
}
