import { createHash, randomBytes } from "node:crypto";

/** What a configuration holds instead of the key: its SHA-256, 64 hexadecimal digits. Keys have 256 random bits, so no salt is needed. */
export const hashApiKey = (key: string): string => createHash("sha256").update(key, "utf8").digest("hex");

/** A new key: "pk_" and 43 letters of base64url. Show it once and store only `hashApiKey` of it. */
export const newApiKey = (): string => `pk_${randomBytes(32).toString("base64url")}`;
