import { ProsoponError } from "@prosopon/errors";
import type { Tensor } from "@prosopon/graph";
import * as z from "zod";
import { editSettingsSchema } from "./edit-options.ts";
import type { EditEvent, Editor, EditResult } from "./editor.ts";

/**
 * The `application/v1` shape: a named method that a command line, a mutation or a queue can run from its input schema alone. It has no
 * package of its own until a second method needs it.
 */
export interface Application<Schema extends z.ZodType, Event, Artifact> {
  readonly specification: "application/v1";
  readonly name: string;
  readonly input: Schema;
  readonly output: "image" | "frames" | "table";
  run(input: z.input<Schema>, options?: ApplicationRunOptions): AsyncGenerator<Event, Artifact, undefined>;
}

export interface ApplicationRunOptions {
  readonly signal?: AbortSignal;
  /** Where a long run keeps what it would go on from; an edit takes seconds and keeps nothing. */
  readonly checkpoint?: unknown;
}

const planes = z.custom<Tensor<"float32">>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    "shape" in value &&
    "data" in value &&
    value.data instanceof Float32Array,
  "must be a float32 tensor [1, 3, H, W] in [-1, 1]",
);

export const reenactInputSchema = z.strictObject({
  image: planes,
  from: z.string(),
  to: z.array(z.string()).min(1),
  settings: editSettingsSchema.optional(),
});

export interface ReenactOptions {
  /** Called at the first run; the editor stays open and is the caller's to close. */
  readonly openEditor: () => Promise<Editor>;
}

/** Reenactment as an application: a picture and emotions in, a picture for each emotion out. */
export function reenact({
  openEditor,
}: ReenactOptions): Application<typeof reenactInputSchema, EditEvent, readonly EditResult[]> {
  let opened: Promise<Editor> | undefined;
  return {
    specification: "application/v1",
    name: "reenact",
    input: reenactInputSchema,
    output: "image",
    async *run(input, { signal } = {}) {
      const parsed = reenactInputSchema.safeParse(input);
      if (!parsed.success) {
        const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
        throw new ProsoponError("bad-input", `This is no input of reenact: ${problems.join("; ")}.`, {
          values: { problems },
          mend: "It needs image, from, to and, if wanted, settings.",
        });
      }
      const { image, from, to, settings } = parsed.data;
      opened ??= openEditor();
      const editor = await opened;
      const { inversionGuidance, ...rest } = settings ?? {};
      return yield* editor.editAll({
        ...rest,
        ...(inversionGuidance === undefined ? {} : { inversionGuidance }),
        image,
        from,
        to,
        ...(signal ? { signal } : {}),
      });
    },
  };
}
