import { ProsoponError } from "@prosopon/errors";
import { add, graph, input, mul, reduceMean, resizeLinear } from "@prosopon/graph";
import type { Expert } from "./expert.ts";
import { conv2d } from "./layers/convolution.ts";
import { linear } from "./layers/linear.ts";
import { scope } from "./scope.ts";

/**
 * Builds an expert on images of two sizes and two batches and checks what `expert/v1` promises of shapes and names.
 * @throws `bad-input` with the first broken promise.
 */
export function checkExpert(expert: Expert): void {
  const broken = (promise: string, values: Record<string, unknown> = {}) =>
    new ProsoponError("bad-input", `Expert "${expert.name}": ${promise}`, { values });
  if (expert.specification !== "expert/v1")
    throw broken(`specification is "${expert.specification}", not "expert/v1".`);
  if (expert.name === "") throw broken("the name is empty.");
  const { channels, height, width } = expert.input;
  for (const [batch, size] of [
    [1, 64],
    [2, 96],
  ] as const) {
    const g = graph();
    const image = input(g, "image", "float32", [batch, 3, size, size]);
    const ready = expert.preprocess(image);
    if (`${ready.shape}` !== `${[batch, channels, height, width]}`)
      throw broken(`preprocess gives [${ready.shape}], but input is [${[batch, channels, height, width]}].`);
    const top = scope(g, "expert");
    const features = expert.features(top, ready);
    if (features.length === 0) throw broken("features gives nothing.");
    const wrong = features.find(({ shape }) => shape[0] !== batch);
    if (wrong) throw broken(`a feature has the shape [${wrong.shape}], whose first axis is not the batch, ${batch}.`);
    const again = expert.features(top, ready);
    if (again.some((value, i) => value !== features[i])) throw broken("features gives other values the second time.");
    const known = expert.parameters && new Set(expert.parameters.names);
    for (const name of top.parameters.keys()) {
      if (!name.startsWith("expert.")) throw broken(`the parameter "${name}" is not under the given scope.`);
      if (known && !known.has(name.slice("expert.".length)))
        throw broken(`the parameter "${name.slice("expert.".length)}" is not among its tensors.`);
    }
  }
}

/** A small expert for tests of what uses experts: a convolution, a mean and a linear layer on 16 x 16 pixels. */
export const fakeExpert = ({
  name = "fake",
  outputs = 4,
}: {
  readonly name?: string;
  readonly outputs?: number;
} = {}): Expert => ({
  specification: "expert/v1",
  name,
  input: { channels: 3, height: 16, width: 16 },
  preprocess: (image) => add(mul(resizeLinear(image, 16, 16), 0.5), 0.5),
  features(scope, x) {
    const hidden = conv2d(scope.at("conv"), x, { outputs: 8, kernel: 3, stride: 2, padding: 1 });
    return [hidden, linear(scope.at("head"), reduceMean(hidden, { axes: [2, 3] }), { outputs })];
  },
});
