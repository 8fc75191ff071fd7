import { isProsoponError, ProsoponError } from "@prosopon/errors";
import { apply } from "../apply.ts";
import { constant, constantNumbers } from "../constant.ts";
import { type Graph, type Value, within } from "../graph.ts";
import { attributeKinds, type GraphMessage, type NodeMessage } from "../protobuf/messages.ts";
import { conversions } from "./conversions.ts";
import { readAttribute } from "./read-attribute.ts";
import { type ExternalData, readTensor } from "./read-tensor.ts";
import { look, type Scope } from "./scope.ts";

export interface ReadNodesOptions {
  readonly opset: number;
  readonly external: ExternalData | undefined;
}

/** The graph inputs that a value depends on, for messages. */
function sources(value: Value): readonly string[] {
  const { graph } = value;
  const seen = new Set<Value>();
  const open = [value];
  for (let v = open.pop(); v; v = open.pop()) {
    if (seen.has(v)) continue;
    seen.add(v);
    for (const before of graph.producers.get(v)?.inputs ?? []) if (before) open.push(before);
  }
  return [...graph.inputs, ...graph.parameters].filter((v) => seen.has(v)).map((v) => v.name);
}

/** "unet/block.1/Conv_3" gives "unet/block.1"; our own encoder writes names so. */
function pathOf({ name = "", output = [] }: NodeMessage): string {
  if (name === output[0]) return "";
  const own = `/${output[0]}`;
  if (name.endsWith(own)) return name.slice(0, -own.length);
  const plain = name.replace(/^\/+/, "");
  const cut = plain.lastIndexOf("/");
  return cut >= 0 ? plain.slice(0, cut) : plain;
}

/** An `If` whose condition is known becomes the nodes of the branch that it takes. */
function takeBranch(graph: Graph, message: NodeMessage, scope: Scope, options: ReadNodesOptions): readonly Value[] {
  const condition = look(scope, message.input?.[0] ?? "");
  const decided = constantNumbers(condition)?.[0];
  if (decided === undefined)
    throw new ProsoponError(
      "bad-file",
      `its condition is computed from the input(s) ${condition ? sources(condition).join(", ") : "(missing)"}.`,
      { mend: "Only conditions that follow from shapes and constants can be decoded; `fixed` gives an input a value." },
    );
  const branch = (message.attribute ?? []).find((a) => a.name === (decided ? "then_branch" : "else_branch"))?.g;
  if (!branch) throw new ProsoponError("bad-file", "a branch is missing.");
  const inner: Scope = { names: new Map(), outer: scope };
  readNodes(graph, branch, inner, options);
  return (branch.output ?? []).map((info) => {
    const value = look(inner, info.name ?? "");
    if (!value) throw new ProsoponError("bad-file", `its branch does not compute its output "${info.name}".`);
    return value;
  });
}

function readNode(
  graph: Graph,
  message: NodeMessage,
  scope: Scope,
  options: ReadNodesOptions,
): readonly (Value | undefined)[] {
  const op = message.op_type ?? "";
  const domain = message.domain === "ai.onnx" ? "" : (message.domain ?? "");
  if (op === "If" && domain === "") return takeBranch(graph, message, scope, options);
  if ((message.attribute ?? []).some((a) => a.type === attributeKinds.graph || a.g || a.graphs?.length))
    throw new ProsoponError("bad-file", `${op} holds a subgraph, which is not supported.`, { values: { op } });
  const inputs = (message.input ?? []).map((name) => {
    const value = name === "" ? undefined : look(scope, name);
    if (name !== "" && !value)
      throw new ProsoponError("bad-file", `its input "${name}" is not computed before it.`, { values: { name } });
    return value;
  });
  while (inputs.length > 0 && inputs.at(-1) === undefined) inputs.pop();
  const attributes = Object.fromEntries(
    (message.attribute ?? []).map((a) => [a.name ?? "", readAttribute(a, op, options.external)]),
  );
  const outputs = message.output?.length ?? 0;
  const convert = domain === "" ? conversions.get(op) : undefined;
  return convert
    ? convert({ graph, op, opset: options.opset, inputs, attributes, outputs })
    : apply(graph, op, inputs, attributes, { domain, ...(outputs > 1 ? { outputs } : {}) });
}

/** Adds the nodes of a message to the graph. @throws `bad-file` naming the node that cannot be read, and why. */
export function readNodes(graph: Graph, message: GraphMessage, scope: Scope, options: ReadNodesOptions): void {
  for (const initializer of message.initializer ?? [])
    if (!scope.names.has(initializer.name ?? ""))
      scope.names.set(
        initializer.name ?? "",
        constant(graph, readTensor(initializer, `The initializer "${initializer.name}"`, options.external)),
      );
  (message.node ?? []).forEach((node, index) => {
    const label = `${node.op_type || "A node without an operator"} "${node.name || node.output?.[0] || index}"`;
    let values: readonly (Value | undefined)[];
    try {
      const path = pathOf(node);
      const read = () => readNode(graph, node, scope, options);
      values = path ? within(graph, path, read) : read();
    } catch (cause) {
      if (!isProsoponError(cause)) throw cause;
      throw new ProsoponError("bad-file", `${label}: ${cause.message}`, {
        values: { ...cause.values, node: node.name, op: node.op_type, index },
        cause,
      });
    }
    (node.output ?? []).forEach((name, i) => {
      if (name !== "" && values[i]) scope.names.set(name, values[i]);
    });
  });
}
