import { ProsoponError } from "@prosopon/errors";
import type { Feeds, ValueDescription } from "../session.ts";

const shown = ({ dtype, shape }: Omit<ValueDescription, "name">): string => `${dtype} [${shape}]`;

/**
 * Checks a run's feeds against what the model declares. `optional` are the inputs that parameters fill.
 * @throws `bad-input` for a missing or unknown feed, or one of another type or shape.
 */
export function checkFeeds(
  feeds: Feeds,
  inputs: readonly ValueDescription[],
  optional: ReadonlySet<string> = new Set(),
): void {
  const names = inputs.map(({ name }) => name);
  for (const name of Object.keys(feeds))
    if (!names.includes(name))
      throw new ProsoponError("bad-input", `The model has no input "${name}". It has ${names.join(", ") || "none"}.`, {
        values: { name, inputs: names },
      });
  for (const input of inputs) {
    const feed = feeds[input.name];
    if (feed === undefined) {
      if (optional.has(input.name)) continue;
      throw new ProsoponError("bad-input", `Input "${input.name}", ${shown(input)}, was not fed.`, {
        values: { input },
      });
    }
    const fits =
      feed.dtype === input.dtype &&
      feed.shape.length === input.shape.length &&
      input.shape.every((dimension, axis) => dimension === -1 || dimension === feed.shape[axis]);
    if (!fits)
      throw new ProsoponError(
        "bad-input",
        `Input "${input.name}" is ${shown(input)} in the model, but ${shown(feed)} was fed.`,
        { values: { name: input.name, expected: shown(input), fed: shown(feed) } },
      );
  }
}

/** The outputs to compute. @throws `bad-input` for a name that is no output, or kept but not computed. */
export function outputsOf(
  outputs: readonly ValueDescription[],
  options: { readonly keep?: readonly string[]; readonly outputs?: readonly string[] },
): readonly string[] {
  const all = outputs.map(({ name }) => name);
  const wanted = options.outputs ?? all;
  for (const [name, known] of [
    ...wanted.map((n) => [n, all] as const),
    ...(options.keep ?? []).map((n) => [n, wanted] as const),
  ])
    if (!known.includes(name))
      throw new ProsoponError("bad-input", `"${name}" is not among the outputs ${known.join(", ")}.`, {
        values: { name, outputs: known },
      });
  return wanted;
}
