import type { InputRef, InputTypeParam } from "@pothos/core";
import { ProsoponError } from "@prosopon/errors";
import type { Application } from "@prosopon/jobs";
import type { Builder, SchemaTypes } from "./builder.ts";
import { type Field, type FieldKind, fieldsOf } from "./field-kind.ts";
import { enumName, typeName } from "./names.ts";

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
type Param = InputTypeParam<Types>;

function enumType(builder: Builder, name: string, values: readonly string[]): Param {
  const entries = values.map((value) => [enumName(value), { value }] as const);
  if (new Set(entries.map(([key]) => key)).size < entries.length)
    throw new ProsoponError("bad-input", `Two values of ${name} have the same name in GraphQL: ${values.join(", ")}.`, {
      values: { name },
    });
  return builder.enumType(name, { values: Object.fromEntries(entries) }) as unknown as Param;
}

function typeOf(builder: Builder, kind: FieldKind, name: string): Param {
  switch (kind.kind) {
    case "text":
      return "String";
    case "flag":
      return "Boolean";
    case "json":
      return "JSON";
    case "file":
      return "ID";
    case "number": {
      if (!kind.whole) return "Float";
      const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY } = kind;
      return least >= -(2 ** 31) && most < 2 ** 31 ? "Int" : "SafeInt";
    }
    case "choice":
      return enumType(builder, name, kind.values);
    case "list":
      return [typeOf(builder, kind.of, name)] as unknown as Param;
    case "object":
      return objectType(builder, name, kind.fields);
  }
}

const ofFile = (kind: FieldKind): string => {
  const file =
    kind.kind === "list"
      ? kind.of.kind === "file"
        ? kind.of.file
        : undefined
      : kind.kind === "file"
        ? kind.file
        : undefined;
  return file ? `Id of an upload: ${file.accept.join(", ")}, at most ${Math.floor(file.limit / 2 ** 20)} MiB.` : "";
};

const inRange = (kind: FieldKind): string =>
  kind.kind === "number" && (kind.least !== undefined || kind.most !== undefined)
    ? `Range: ${kind.least ?? ""}..${kind.most ?? ""}.`
    : "";

const described = ({ description, type }: Field): string =>
  [description, inRange(type), ofFile(type)].filter((part) => part).join("\n");

function objectType(
  builder: Builder,
  name: string,
  fields: Readonly<Record<string, Field>>,
): InputRef<Record<string, unknown>> {
  const ref = builder.inputRef<Record<string, unknown>>(name);
  ref.implement({
    fields: (t) =>
      Object.fromEntries(
        Object.entries(fields).map(([key, field]) => [
          key,
          t.field({
            type: typeOf(builder, field.type, `${name.replace(/Input$/, "")}${typeName(key)}`),
            required: field.required,
            ...(described(field) === "" ? {} : { description: described(field) }),
            ...(field.fallback === undefined ? {} : { defaultValue: field.fallback as never }),
          }),
        ]),
      ) as never,
  });
  return ref;
}

/** The input type of an application's mutation, such as `TalkInput`, from its zod schema. */
export const inputTypeOf = (builder: Builder, application: Application): InputRef<Record<string, unknown>> =>
  objectType(builder, `${typeName(application.name)}Input`, fieldsOf(application.input));
