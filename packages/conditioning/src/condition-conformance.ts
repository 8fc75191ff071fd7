import { ProsoponError } from "@prosopon/errors";
import { constantOf, graph, input, mul, type Tensor, tensor } from "@prosopon/graph";
import { scope } from "@prosopon/nn";
import type { ConditionEncoder, Injection } from "./condition-encoder.ts";

const ranks: Readonly<Record<Injection, number>> = { channels: 4, tokens: 3, embedding: 2 };

/**
 * Builds a condition encoder for batches of 1 and of all samples and checks what `condition/v1` promises of names, shapes and feeds.
 * @throws `bad-input` with the first broken promise.
 */
export async function checkConditionEncoder<Input>(
  encoder: ConditionEncoder<Input>,
  samples: readonly [Input, Input, ...Input[]],
): Promise<void> {
  const broken = (promise: string, values: Record<string, unknown> = {}) =>
    new ProsoponError("bad-input", `Condition "${encoder.name}": ${promise}`, { values });
  if (encoder.specification !== "condition/v1")
    throw broken(`specification is "${encoder.specification}", not "condition/v1".`);
  if (encoder.name === "") throw broken("the name is empty.");
  const rank = ranks[encoder.injection];
  if (rank === undefined) throw broken(`the injection "${encoder.injection}" is unknown.`);
  let first: string | undefined;
  for (const batch of [1, samples.length]) {
    const g = graph();
    const top = scope(g);
    const { code, absent } = encoder.encode(top.at("place"), { batch, name: "condition" });
    if (code.shape.length !== rank)
      throw broken(`a code for ${encoder.injection} has ${rank} axes, not [${code.shape}].`);
    if (`${code.shape}` !== `${absent.shape}`)
      throw broken(`the code is [${code.shape}], but its absence [${absent.shape}].`);
    if (code.shape[0] !== batch) throw broken(`the code is [${code.shape}] for a batch of ${batch}.`);
    if (code.dtype !== "float32" || absent.dtype !== "float32") throw broken(`the code is ${code.dtype}, not float32.`);
    const names = [...top.parameters.keys()];
    const stray = names.find((name) => !name.startsWith("place."));
    if (stray !== undefined) throw broken(`the parameter "${stray}" is not under the given place.`);
    first ??= names.join();
    if (first !== names.join()) throw broken("its parameters depend on the batch.");
    const feeds = await encoder.feeds(samples.slice(0, batch), { name: "condition" });
    checkFeeds(g.inputs, feeds, broken);
  }
}

function checkFeeds(
  inputs: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[],
  feeds: Readonly<Record<string, Tensor>>,
  broken: (promise: string) => ProsoponError,
): void {
  for (const { name, dtype, shape } of inputs) {
    if (!name.startsWith("condition/")) throw broken(`the input "${name}" is not named after the condition.`);
    const fed = feeds[name];
    if (!fed) throw broken(`the input "${name}" is not fed.`);
    if (fed.dtype !== dtype || `${fed.shape}` !== `${shape}`)
      throw broken(`the input "${name}" is ${dtype}[${shape}], but is fed ${fed.dtype}[${fed.shape}].`);
  }
  const surplus = Object.keys(feeds).find((name) => !inputs.some((value) => value.name === name));
  if (surplus !== undefined) throw broken(`"${surplus}" is fed, but is no input.`);
}

/** A condition for tests of what uses conditions: a number, as a vector of the time embedding that repeats it. Absent: zero. */
export const fakeCondition = ({ size = 4 }: { readonly size?: number } = {}): ConditionEncoder<number> => ({
  specification: "condition/v1",
  name: "fake",
  injection: "embedding",
  encode({ graph }, { batch, name }) {
    const value = input(graph, `${name}/value`, "float32", [batch, 1]);
    const ones = tensor("float32", [1, size], new Array<number>(size).fill(1));
    const code = mul(value, constantOf(graph, "float32", [...ones.data]));
    return { code, absent: mul(code, 0) };
  },
  async feeds(inputs, { name }) {
    return { [`${name}/value`]: tensor("float32", [inputs.length, 1], [...inputs]) };
  },
});
