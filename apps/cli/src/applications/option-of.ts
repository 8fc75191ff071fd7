import { ProsoponError } from "@prosopon/errors";
import type { Field, FieldKind } from "@prosopon/gateway";
import { Option } from "commander";

/** "sixEmotions" as on a command line: "six-emotions". */
export const optionName = (field: string): string =>
  field
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();

const placeholder = (type: FieldKind): string => {
  if (type.kind === "list") return placeholder(type.of);
  const names = {
    text: "text",
    flag: "flag",
    json: "json",
    object: "json",
    number: "number",
    choice: "name",
    file: "file",
  } as const;
  return names[type.kind];
};

function parsed(name: string, type: FieldKind, text: string): unknown {
  const refuse = (mend: string) =>
    new ProsoponError("bad-input", `--${name} ${text} is not valid.`, { values: { [name]: text }, mend });
  if (type.kind === "number") {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value)) throw refuse("Give a number.");
    return value;
  }
  if (type.kind === "choice" && !type.values.includes(text)) throw refuse(`Choose one of ${type.values.join(", ")}.`);
  if (type.kind === "json" || type.kind === "object") {
    try {
      return JSON.parse(text);
    } catch {
      throw refuse("Give JSON.");
    }
  }
  return text;
}

/** The command-line options of one field of an application's input; a flag that is on by itself has `--no-NAME`. */
export function optionOf(key: string, { type, description, required, fallback }: Field): Option {
  const name = optionName(key);
  const told = [
    description,
    type.kind === "choice" ? `(${type.values.join(", ")})` : "",
    type.kind === "list" && type.of.kind === "choice" ? `(${type.of.values.join(", ")}; may be repeated)` : "",
    type.kind === "list" && type.of.kind !== "choice" ? "(may be repeated)" : "",
    fallback === undefined ? "" : `(default: ${JSON.stringify(fallback)})`,
  ]
    .filter((part) => part)
    .join(" ");
  if (type.kind === "flag") return new Option(fallback === true ? `--no-${name}` : `--${name}`, told);
  const option = new Option(`--${name} <${placeholder(type)}>`, told).makeOptionMandatory(required);
  return option.argParser((text: string, before: unknown) =>
    type.kind === "list"
      ? [...(Array.isArray(before) ? before : []), parsed(name, type.of, text)]
      : parsed(name, type, text),
  );
}
