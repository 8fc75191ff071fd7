import { file } from "@prosopon/jobs";
import { expect, test } from "vitest";
import * as z from "zod";
import { fieldsOf } from "./field-kind.ts";
import { enumName, fieldName, typeName } from "./names.ts";

test("each kind of field is told, with its bounds, default and description", () => {
  const picture = file({ accept: ["image/*"], limit: 10 });
  const fields = fieldsOf(
    z.strictObject({
      text: z.string().describe("Words."),
      count: z.int().min(1).max(5).default(2).describe("How many."),
      part: z.number().optional(),
      on: z.boolean().default(true),
      mood: z.enum(["a", "b"]),
      one: z.literal("x"),
      either: z.union([z.literal("x"), z.literal("y")]).optional(),
      many: z.array(z.enum(["a"])).min(1),
      picture,
      described: picture.describe("A face."),
      maybe: picture.optional().describe("A face."),
      inner: z.strictObject({ x: z.number() }).optional(),
      trimmed: z.string().transform((text) => text.trim()),
    }),
  );
  expect(fields["text"]).toEqual({ type: { kind: "text" }, description: "Words.", required: true });
  expect(fields["count"]).toEqual({
    type: { kind: "number", whole: true, least: 1, most: 5 },
    description: "How many.",
    required: false,
    fallback: 2,
  });
  expect(fields["part"]).toEqual({ type: { kind: "number", whole: false }, required: false });
  expect(fields["on"]).toMatchObject({ type: { kind: "flag" }, fallback: true });
  expect(fields["mood"]?.type).toEqual({ kind: "choice", values: ["a", "b"] });
  expect(fields["either"]?.type).toEqual({ kind: "choice", values: ["x", "y"] });
  expect(fields["many"]?.type).toEqual({ kind: "list", of: { kind: "choice", values: ["a"] } });
  const kind = { kind: "file", file: { accept: ["image/*"], limit: 10 } };
  expect(fields["picture"]).toMatchObject({ type: kind, required: true });
  expect(fields["described"]).toEqual({ type: kind, required: true, description: "A face." });
  expect(fields["maybe"]).toEqual({ type: kind, required: false, description: "A face." });
  expect(fields["inner"]?.type).toMatchObject({ kind: "object", fields: { x: { required: true } } });
  expect(fields["trimmed"]?.type).toEqual({ kind: "text" });
});

test("a type without a counterpart is refused by name", () => {
  expect(() => fieldsOf(z.object({ a: z.object({ when: z.date() }) }))).toThrow(
    'a.when of an application\'s input is a "date"',
  );
});

test("names become those of GraphQL", () => {
  expect([typeName("six-emotions"), fieldName("six-emotions"), enumName("very happy"), enumName("3d")]).toEqual([
    "SixEmotions",
    "sixEmotions",
    "VERY_HAPPY",
    "_3D",
  ]);
});
