import { util } from "protobufjs/light.js";
import type { Attribute } from "../graph.ts";
import { type AttributeMessage, attributeKinds } from "../protobuf/messages.ts";
import { isFloatAttribute } from "./float-attributes.ts";
import { tensorMessage } from "./tensor-message.ts";

function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(util.utf8.length(text));
  util.utf8.write(text, bytes, 0);
  return bytes;
}

/** An attribute as ONNX has it; its name says whether numbers are floats. */
export function attributeMessage(name: string, value: Attribute): AttributeMessage {
  const float = isFloatAttribute(name);
  if (typeof value === "number")
    return float ? { name, f: value, type: attributeKinds.float } : { name, i: value, type: attributeKinds.int };
  if (typeof value === "string") return { name, s: utf8(value), type: attributeKinds.string };
  if ("dtype" in value) return { name, t: tensorMessage(value), type: attributeKinds.tensor };
  if (value.length > 0 && typeof value[0] === "string")
    return { name, strings: (value as readonly string[]).map(utf8), type: attributeKinds.strings };
  const numbers = [...(value as readonly number[])];
  return float
    ? { name, floats: numbers, type: attributeKinds.floats }
    : { name, ints: numbers, type: attributeKinds.ints };
}
