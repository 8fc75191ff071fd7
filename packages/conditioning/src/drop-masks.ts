import { type Tensor, tensor } from "@prosopon/graph";
import { type Seed, uniforms } from "@prosopon/random";

export interface DropOptions<Key extends string = string> {
  /** Probability of dropping each condition; 0.2 for the emotion in the thesis. Conditions left out are never dropped. */
  readonly rates: Readonly<Partial<Record<Key, number>>>;
  readonly batch: number;
  readonly seed: Seed;
  readonly step: number;
  /** "sample" (default): each sample on its own. "batch": all together or none, as the reference's code does. */
  readonly per?: "sample" | "batch";
}

/** Name of the graph input that says which samples of a condition are dropped. */
export const dropInput = (name: string): string => `${name}/dropped`;

/** Feeds for the drop inputs: bool [B], true where a condition is absent. A function of seed and step only. */
export function dropMasks<Key extends string>(options: DropOptions<Key>): Readonly<Record<string, Tensor>> {
  const { rates, batch, seed, step, per = "sample" } = options;
  return Object.fromEntries(
    Object.entries<number | undefined>(rates).map(([name, rate = 0]) => {
      const draws = uniforms(seed, dropInput(name), step, batch);
      const dropped = Uint8Array.from({ length: batch }, (_, i) => (draws[per === "batch" ? 0 : i]! < rate ? 1 : 0));
      return [dropInput(name), tensor("bool", [batch], dropped)];
    }),
  );
}
