import type { Value } from "../graph.ts";

/** Names of values while nodes are read; a subgraph sees the names around it. */
export interface Scope {
  readonly names: Map<string, Value>;
  readonly outer: Scope | undefined;
}

export function look(scope: Scope | undefined, name: string): Value | undefined {
  for (let s = scope; s; s = s.outer) {
    const found = s.names.get(name);
    if (found) return found;
  }
  return undefined;
}
