import { tensorKey } from "./constant.ts";
import type { Attribute, Graph, Value } from "./graph.ts";
import { sizeOf } from "./make-tensor.ts";
import type { Tensor } from "./tensor.ts";

const typed = (v: Value): string => `${v.name}: ${v.dtype}[${v.shape}]`;

const numbersOf = (t: Tensor): string =>
  sizeOf(t.shape) <= 16
    ? `${t.shape.length === 0 ? "" : "["}${Array.from(t.data as ArrayLike<number | bigint>, String).join(", ")}${t.shape.length === 0 ? "" : "]"}`
    : `${sizeOf(t.shape)} elements`;

function attribute(value: Attribute): string {
  if (typeof value === "object" && "dtype" in value) return tensorKey(value);
  return Array.isArray(value) ? `[${value.join(", ")}]` : String(value);
}

/** The graph as text, one line for each input, parameter, constant, node and output, with types, shapes and paths. */
export function print(graph: Graph): string {
  const lines = [
    `graph ${graph.name}`,
    ...graph.inputs.map((v) => `input ${typed(v)}`),
    ...graph.parameters.map((v) => `parameter ${typed(v)}`),
    ...Array.from(graph.constants, ([v, t]) => `constant ${typed(v)} = ${numbersOf(t)}`),
  ];
  for (const { op, domain, path, inputs, outputs, attributes } of graph.nodes) {
    const list = Object.keys(attributes).sort();
    const named = list.map((name) => `${name}=${attribute(attributes[name]!)}`).join(", ");
    lines.push(
      `${outputs.map(typed).join(", ")} = ${domain ? `${domain}.` : ""}${op}(${inputs.map((v) => v?.name ?? "none").join(", ")})${named ? ` {${named}}` : ""}${path ? ` at ${path}` : ""}`,
    );
  }
  for (const [name, value] of graph.outputs) lines.push(`output ${name} = ${typed(value)}`);
  return lines.join("\n");
}
