import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import type { Json } from "@prosopon/jobs";
import { GraphQLError, Kind, type ValueNode } from "graphql/index.js";
import type { Limits } from "../limits/limits.ts";
import type { GatewayContext } from "./context.ts";

export interface SchemaTypes {
  Context: GatewayContext;
  DefaultFieldNullability: false;
  Scalars: {
    Cursor: { Input: string; Output: string };
    Base64: { Input: never; Output: Uint8Array };
    File: { Input: File; Output: never };
    SafeInt: { Input: number; Output: number };
    JSON: { Input: Json; Output: unknown };
    DateTime: { Input: never; Output: number };
    ID: { Input: string; Output: string };
  };
}

export type Builder = ReturnType<typeof createBuilder>;

const inputOnly = (name: string) => (): never => {
  throw new GraphQLError(`${name} is no input.`);
};

/** Every viewer of a frame gets the same bytes: encoded once, forgotten with them. */
const encoded = new WeakMap<Uint8Array, string>();

function base64Of(bytes: Uint8Array): string {
  const known = encoded.get(bytes);
  if (known !== undefined) return known;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  encoded.set(bytes, text);
  return text;
}

function safeInt(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  throw new GraphQLError("This is no whole number between -2^53 and 2^53.");
}

function jsonOf(node: ValueNode): Json {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
    case Kind.ENUM:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.LIST:
      return node.values.map(jsonOf);
    case Kind.OBJECT:
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, jsonOf(value)]));
    case Kind.NULL:
      return null;
    default:
      throw new GraphQLError("No variables inside of JSON; give the whole of it as one.");
  }
}

/** A Pothos builder with our scalars, and the limit of what one operation may cost. */
export function createBuilder(limits: Limits) {
  const builder = new SchemaBuilder<SchemaTypes>({
    plugins: [ComplexityPlugin],
    defaultFieldNullability: false,
    complexity: {
      limit: { complexity: limits.complexity },
      defaultComplexity: 1,
      defaultListMultiplier: 10,
      complexityError: () =>
        new GraphQLError("The operation asks for too much.", { extensions: { code: "TOO_COMPLEX" } }),
    },
  });
  builder.scalarType("Cursor", {
    description: "A place in a job's stream, from an event's `cursor`. Opaque, and no secret.",
    serialize: (value) => value,
    parseValue: (value) => {
      if (typeof value === "string" && value.length <= 64) return value;
      throw new GraphQLError("This is no cursor.");
    },
  });
  builder.scalarType("Base64", {
    description: "Bytes in base64 with padding (RFC 4648, section 4).",
    serialize: base64Of,
    parseValue: inputOnly("Base64"),
  });
  builder.scalarType("File", {
    description: "A file of a multipart request (github.com/jaydenseric/graphql-multipart-request-spec).",
    serialize: inputOnly("File") as never,
    parseValue: (value) => {
      // Yoga's own kind of File, not always the global one.
      if (typeof value === "object" && value !== null && "arrayBuffer" in value) return value as File;
      throw new GraphQLError("A file comes in a multipart request. Or send its bytes to POST /uploads.");
    },
  });
  builder.scalarType("SafeInt", {
    description: "A whole number between -2^53 and 2^53.",
    serialize: safeInt,
    parseValue: safeInt,
    parseLiteral: (node) => safeInt(node.kind === Kind.INT ? Number(node.value) : undefined),
  });
  builder.scalarType("JSON", {
    description: "Any JSON value.",
    serialize: (value) => value,
    parseValue: (value) => value as Json,
    parseLiteral: (node) => jsonOf(node),
  });
  builder.scalarType("DateTime", {
    description: "A time by ISO 8601, in UTC, with milliseconds.",
    serialize: (value) => new Date(value).toISOString(),
    parseValue: inputOnly("DateTime"),
  });
  return builder;
}
