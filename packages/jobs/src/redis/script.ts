import { createHash } from "node:crypto";
import type { Redis } from "ioredis";

/** What a script answers: strings as bytes, since frames are among them. */
export type Reply = Buffer | number | null | readonly Reply[];

/** A Lua script, sent once and then named by its hash. */
export type Script = (
  redis: Redis,
  keys: readonly string[],
  args: readonly (string | number | Uint8Array)[],
) => Promise<Reply>;

export function script(text: string): Script {
  const sha = createHash("sha1").update(text).digest("hex");
  return async (redis, keys, args) => {
    const rest = [keys.length, ...keys, ...args.map((one) => (one instanceof Uint8Array ? buffer(one) : one))];
    try {
      return (await redis.callBuffer("EVALSHA", sha, ...rest)) as Reply;
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return (await redis.callBuffer("EVAL", text, ...rest)) as Reply;
    }
  };
}

export const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** A reply that is one string or number, as text. */
export const word = (reply: Reply | undefined): string => (reply === null || reply === undefined ? "" : String(reply));

export const list = (reply: Reply | undefined): readonly Reply[] =>
  Array.isArray(reply) ? (reply as readonly Reply[]) : [];
