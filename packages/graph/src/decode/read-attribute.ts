import { ProsoponError } from "@prosopon/errors";
import { util } from "protobufjs/light.js";
import { isFloatAttribute } from "../encode/float-attributes.ts";
import type { Attribute } from "../graph.ts";
import { type AttributeMessage, attributeKinds } from "../protobuf/messages.ts";
import { type ExternalData, readTensor, toNumber } from "./read-tensor.ts";

/** The shortest decimal that is the same float32, so that 1e-5 reads as 1e-5. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const text = (bytes: Uint8Array | undefined): string => (bytes ? util.utf8.read(bytes, 0, bytes.length) : "");

function kindOf(message: AttributeMessage): number {
  if (message.type) return message.type;
  const has = (key: keyof AttributeMessage) => Object.hasOwn(message, key);
  if (has("f")) return attributeKinds.float;
  if (has("i")) return attributeKinds.int;
  if (has("s")) return attributeKinds.string;
  if (has("t")) return attributeKinds.tensor;
  return message.floats?.length ? attributeKinds.floats : message.ints?.length ? attributeKinds.ints : 0;
}

/** The attribute in a message; `owner` names its node. @throws `bad-file` for kinds that a graph cannot hold. */
export function readAttribute(message: AttributeMessage, owner: string, external?: ExternalData): Attribute {
  const name = message.name ?? "";
  const kind = kindOf(message);
  const numbers = kind === attributeKinds.float || kind === attributeKinds.floats;
  const integers = kind === attributeKinds.int || kind === attributeKinds.ints;
  if (message.ref_attr_name || (numbers && !isFloatAttribute(name)) || (integers && isFloatAttribute(name)))
    throw new ProsoponError("bad-file", `${owner} has an attribute "${name}" of an unexpected kind (${kind}).`, {
      values: { name, kind },
    });
  switch (kind) {
    case attributeKinds.float:
      return shortest(message.f ?? 0);
    case attributeKinds.int:
      return toNumber(message.i);
    case attributeKinds.string:
      return text(message.s);
    case attributeKinds.tensor:
      return readTensor(message.t ?? {}, `The attribute "${name}" of ${owner}`, external);
    case attributeKinds.floats:
      return (message.floats ?? []).map(shortest);
    case attributeKinds.ints:
      return (message.ints ?? []).map(toNumber);
    case attributeKinds.strings:
      return (message.strings ?? []).map(text);
    default:
      throw new ProsoponError("bad-file", `${owner} has an attribute "${name}" of kind ${kind}.`, {
        values: { name, kind },
        mend: "Subgraphs and sparse tensors are not supported.",
      });
  }
}
