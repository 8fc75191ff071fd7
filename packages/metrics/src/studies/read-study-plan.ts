import { ProsoponError } from "@prosopon/errors";
import { z } from "zod";
import type { StudyPlan } from "./plan-study.ts";

const name = z.string().min(1);
const side = z.strictObject({ method: name, picture: name });
const trial = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("preference"), item: name, left: side, right: side }),
  z.strictObject({ kind: z.literal("naming"), item: name, method: name, picture: name, emotion: name }),
]);
const plan = z
  .strictObject({
    specification: z.literal("study/v1"),
    kind: z.enum(["preference", "naming"]),
    title: name,
    seed: z.int().min(0),
    emotions: z.array(name).min(2).optional(),
    participants: z.array(z.array(trial).min(1)).min(1),
  })
  .refine(({ kind, emotions, participants }) => {
    const alike = participants.every((trials) => trials.every((one) => one.kind === kind));
    return alike && (kind === "naming") === (emotions !== undefined);
  }, "trials and answers must be those of the study's kind");

/** A plan that was kept as JSON, parsed. @throws `bad-file` for anything but what `planStudy` gives. */
export function readStudyPlan(kept: unknown): StudyPlan {
  const parsed = plan.safeParse(kept);
  if (parsed.success) {
    const { emotions, ...rest } = parsed.data;
    return emotions ? { ...rest, emotions } : rest;
  }
  throw new ProsoponError("bad-file", `This is no plan of a study: ${z.prettifyError(parsed.error)}`, {
    mend: "Give the plan.json that was written with the study's page.",
    cause: parsed.error,
  });
}
