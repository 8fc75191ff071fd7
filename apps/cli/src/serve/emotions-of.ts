import { type Field, fieldsOf } from "@prosopon/gateway";
import type { Application } from "@prosopon/jobs";

const names: ReadonlySet<string> = new Set(["emotion", "emotions", "to"]);

const choices = ({ type }: Field): readonly string[] => {
  const inner = type.kind === "list" ? type.of : type;
  return inner.kind === "choice" ? inner.values : [];
};

/** The emotions that the applications' own schemas know, in the order of their first mention. */
export const emotionsOf = (applications: readonly Application[]): readonly string[] => [
  ...new Set(
    applications.flatMap(({ input }) =>
      Object.entries(fieldsOf(input)).flatMap(([name, field]) => (names.has(name) ? choices(field) : [])),
    ),
  ),
];
