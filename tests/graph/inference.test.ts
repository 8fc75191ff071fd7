import { apply, constant, graph, input } from "@prosopon/graph";
import { describe, expect, test } from "vitest";
import { inferences } from "../../packages/graph/src/infer/inferences.ts";
import { type OperatorSample, operatorSamples } from "./operator-samples.ts";
import { rawModel } from "./raw-model.ts";
import { runModel } from "./run-model.ts";

const nameOf = ({ op, domain }: OperatorSample) => (domain ? `${domain}.${op}` : op);

async function compare(sample: OperatorSample) {
  const { op, domain = "", inputs, attributes = {}, outputs = 1 } = sample;
  const g = graph();
  const values = inputs.map(
    (x, i) => x && (x.constant ? constant(g, x.tensor) : input(g, `x${i}`, x.tensor.dtype, x.tensor.shape)),
  );
  const inferred = apply(g, op, values, attributes, { domain, fresh: true, ...(outputs > 1 ? { outputs } : {}) });

  const given = inputs.flatMap((x, i) => (x ? [[`x${i}`, x] as const] : []));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const bytes = rawModel(21, {
    inputs: Object.fromEntries(
      given.filter(([, x]) => !x.constant).map(([n, x]) => [n, [x.tensor.dtype, x.tensor.shape]]),
    ),
    initializers: Object.fromEntries(given.filter(([, x]) => x.constant).map(([n, x]) => [n, x.tensor])),
    nodes: [{ op, domain, inputs: inputs.map((x, i) => (x ? `x${i}` : "")), outputs: names, attributes }],
    outputs: names,
  });
  const feeds = given.filter(([, x]) => !x.constant).map(([n, x]) => [n, x.tensor] as const);
  const results = await runModel(bytes, Object.fromEntries(feeds));
  return {
    inferred: names.map((_, i) => `${inferred[i]?.dtype}[${inferred[i]?.shape}]`),
    ran: names.map((n) => `${results[n]?.dtype}[${results[n]?.shape}]`),
  };
}

describe("shape inference says what onnxruntime gives", () => {
  test.each(
    operatorSamples.map((sample, i) => [
      `${i} ${nameOf(sample)} ${Object.entries(sample.attributes ?? {})
        .map(([k, v]) => `${k}=${typeof v === "object" && "dtype" in v ? v.dtype : v}`)
        .join(" ")}`,
      sample,
    ]),
  )("%s", async (_, sample) => {
    const { inferred, ran } = await compare(sample);
    expect(inferred).toEqual(ran);
  });

  test("every operator has a sample", () => {
    const sampled = new Set(operatorSamples.map(nameOf));
    // Operators of our own are lowered before they reach the runtime; their tests are those of `lower`.
    const missing = [...inferences.keys()].filter((name) => !sampled.has(name) && !name.startsWith("prosopon."));
    expect(missing).toEqual([]);
  });
});
