import { gather, type Value, within } from "@prosopon/graph";
import type { Scope } from "../scope.ts";

export interface EmbeddingOptions {
  /** Number of rows: one for every class or token. */
  readonly rows: number;
  /** Length of a row. */
  readonly size: number;
}

/** Rows of a table by integer index: [...] int64 -> [..., size]. Parameter `weight` [rows, size], standard normal at the start. */
export function embedding(scope: Scope, indices: Value, { rows, size }: EmbeddingOptions): Value {
  const weight = scope.parameter("weight", [rows, size], { kind: "normal", std: 1 });
  return within(scope.graph, scope.prefix, () => gather(weight, indices));
}
