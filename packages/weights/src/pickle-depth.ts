import { badPickle } from "./pickle-error.ts";
import type { PickleValue } from "./pickle-value.ts";

/** Python's own pickler stops near this depth, so a deeper tree was made by hand to overflow a reader's stack. */
const deepest = 1000;

function partsOf(value: PickleValue): Iterable<PickleValue> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return [];
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if ("python" in value && value.python === "object")
    return [value.arguments, value.state, value.items, ...value.entries.keys(), ...value.entries.values()];
  return [];
}

/**
 * Walks a value without recursion, each part once, and measures the longest chain of containers (a cycle counts once around).
 * @throws `bad-file` when it is longer than 1000.
 */
export function checkDepth(root: PickleValue): void {
  const heights = new Map<PickleValue, number>();
  const path: { readonly value: PickleValue; readonly parts: Iterator<PickleValue>; height: number }[] = [];
  const enter = (value: PickleValue): void => {
    heights.set(value, 0);
    path.push({ value, parts: partsOf(value)[Symbol.iterator](), height: 0 });
  };
  enter(root);
  for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
    const { done, value } = node.parts.next();
    if (done) {
      heights.set(node.value, node.height + 1);
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) parent.height = Math.max(parent.height, node.height + 1);
    } else if (typeof value === "object" && value !== null) {
      const height = heights.get(value);
      if (height === undefined) enter(value);
      else node.height = Math.max(node.height, height);
    }
    if (path.length > deepest || node.height > deepest)
      throw badPickle(`its containers are nested more than ${deepest} deep.`);
  }
}
