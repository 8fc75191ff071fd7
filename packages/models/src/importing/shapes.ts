import { ProsoponError } from "@prosopon/errors";

/** Shapes of named tensors, in file order: all that recognising a file needs. */
export type Shapes = ReadonlyMap<string, readonly number[]>;

/** @throws `bad-file` for a file that holds no such tensor. */
export function shapeOf(shapes: Shapes, name: string): readonly number[] {
  const shape = shapes.get(name);
  if (shape) return shape;
  throw new ProsoponError("bad-file", `It holds no ${name}, which a network of its kind has.`, { values: { name } });
}

/** The tensors below a place, without its name. */
export function below(shapes: Shapes, place: string): Map<string, readonly number[]> {
  const start = `${place}.`;
  const found = new Map<string, readonly number[]>();
  for (const [name, shape] of shapes) if (name.startsWith(start)) found.set(name.slice(start.length), shape);
  return found;
}

/** How many places `name(0)`, `name(1)` ... exist, counted from 0 without a gap. */
export function countOf(shapes: Shapes, name: (index: number) => string): number {
  const places = new Set<string>();
  for (const key of shapes.keys())
    for (let at = key.indexOf("."); at >= 0; at = key.indexOf(".", at + 1)) places.add(key.slice(0, at));
  let count = 0;
  while (places.has(name(count))) count++;
  return count;
}
