import { ProsoponError } from "@prosopon/errors";
import { type FileOptions, fileOptions } from "@prosopon/jobs";
import type * as z from "zod";

/** What a field of an application's schema is, for a GraphQL input, a command's option and whatever else is derived. */
export type FieldKind =
  | { readonly kind: "text" | "flag" | "json" }
  | { readonly kind: "number"; readonly whole: boolean; readonly least?: number; readonly most?: number }
  | { readonly kind: "choice"; readonly values: readonly string[] }
  | { readonly kind: "file"; readonly file: Required<FileOptions> }
  | { readonly kind: "list"; readonly of: FieldKind }
  | { readonly kind: "object"; readonly fields: Readonly<Record<string, Field>> };

export interface Field {
  readonly type: FieldKind;
  readonly description?: string;
  readonly required: boolean;
  /** Undefined for none. */
  readonly fallback?: unknown;
}

/** The parts of zod 4's definitions that are read; `def.type` names them, which also works on schemas of another copy of zod. */
interface Definition {
  readonly type: string;
  readonly innerType?: Schema;
  readonly in?: Schema;
  readonly element?: Schema;
  readonly options?: readonly Schema[];
  readonly entries?: Readonly<Record<string, string | number>>;
  readonly values?: readonly unknown[];
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly defaultValue?: unknown;
}
interface Schema {
  readonly _zod: { readonly def: Definition; readonly parent?: Schema };
  readonly description?: string | undefined;
  /** Of numbers. */
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
  readonly isInt?: boolean;
  readonly format?: string | null;
}

const wrappers: ReadonlySet<string> = new Set([
  "optional",
  "nullable",
  "default",
  "prefault",
  "readonly",
  "nonoptional",
  "catch",
]);

/** Bounds that are the type's own say nothing. */
const bound = (value: number | null | undefined): number | undefined =>
  typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;

function numberKind({ minValue, maxValue, isInt, format }: Schema): FieldKind {
  const least = bound(minValue);
  const most = bound(maxValue);
  const whole = isInt === true || /int/.test(format ?? "");
  return { kind: "number", whole, ...(least === undefined ? {} : { least }), ...(most === undefined ? {} : { most }) };
}

function literals(schema: Schema): readonly string[] | undefined {
  const { def } = schema._zod;
  const values =
    def.type === "enum" ? Object.values(def.entries ?? {}) : def.type === "literal" ? def.values : undefined;
  return values?.every((value) => typeof value === "string") ? (values as string[]) : undefined;
}

function kindOf(schema: Schema, path: string): FieldKind {
  // `describe` and `meta` make a copy, which `fileOptions` does not know; the copy knows what it was made from.
  for (let at: Schema | undefined = schema; at; at = at._zod.parent) {
    const file = fileOptions(at as unknown as z.ZodType);
    if (file) return { kind: "file", file };
  }
  const { def } = schema._zod;
  if (wrappers.has(def.type) && def.innerType) return kindOf(def.innerType, path);
  if (def.type === "pipe" && def.in) return kindOf(def.in, path);
  const values = literals(schema);
  if (values) return { kind: "choice", values };
  if (def.type === "union" && def.options) {
    const all = def.options.map(literals);
    if (all.every((one) => one !== undefined)) return { kind: "choice", values: all.flat() };
  }
  if (def.type === "string") return { kind: "text" };
  if (def.type === "boolean") return { kind: "flag" };
  if (def.type === "number") return numberKind(schema);
  if (def.type === "array" && def.element) return { kind: "list", of: kindOf(def.element, `${path}[]`) };
  if (def.type === "object" && def.shape) return { kind: "object", fields: fieldsOf(schema, `${path}.`) };
  if (def.type === "record") return { kind: "json" };
  throw new ProsoponError(
    "bad-input",
    `The field ${path} of an application's input is a "${def.type}", which has no place in a schema.`,
    {
      values: { path, type: def.type },
      mend: "Use strings, numbers, booleans, enums, files, objects and arrays of them.",
    },
  );
}

function fieldOf(schema: Schema, path: string): Field {
  let required = true;
  let fallback: unknown;
  let description = schema.description;
  for (let at: Schema | undefined = schema; at && wrappers.has(at._zod.def.type); at = at._zod.def.innerType) {
    const { type, defaultValue } = at._zod.def;
    if (type === "optional" || type === "default" || type === "prefault" || type === "catch") required = false;
    if ((type === "default" || type === "prefault") && fallback === undefined) fallback = defaultValue;
    description ??= at._zod.def.innerType?.description;
  }
  return {
    type: kindOf(schema, path),
    required,
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { fallback }),
  };
}

/**
 * The fields of a zod object, read from its definition.
 * @throws ProsoponError `bad-input` for a type that has no counterpart, naming the field.
 */
export function fieldsOf(schema: unknown, path = ""): Readonly<Record<string, Field>> {
  const shape = (schema as Schema)._zod.def.shape ?? {};
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, fieldOf(field, `${path}${name}`)]));
}
