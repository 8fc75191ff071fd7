import { createHash } from "node:crypto";
import type { DataSplit } from "./data-item.ts";

/** Where a data set does not say: a tenth for validation, by a hash of the person or, where persons are unknown, of the name. It never changes. */
export function splitOf(name: string, share = 0.1): DataSplit {
  const draw = createHash("sha256").update(name).digest().readUInt32BE(0) / 2 ** 32;
  return draw < share ? "validation" : "train";
}

const names: Readonly<Record<string, DataSplit>> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  publictest: "validation",
  test: "test",
  testing: "test",
  privatetest: "test",
};

/** The split that a data set's own word means; undefined for another word. */
export const splitNamed = (name: string): DataSplit | undefined => {
  const key = name.toLowerCase().trim();
  return Object.hasOwn(names, key) ? names[key] : undefined;
};
