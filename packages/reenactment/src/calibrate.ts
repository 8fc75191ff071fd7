import { type ActivationRanges, joinRanges } from "@prosopon/graph";
import type { EditEvent } from "./edit-event.ts";
import { editModel, type ObservedOptions } from "./edit-model.ts";
import { type EditAllOptions, editPicture } from "./edit-picture.ts";

export interface CalibrateOptions extends Omit<ObservedOptions, "onRanges"> {
  /** What the model is to be good at. Activations change with time, so that an edit's strength must be the largest one wanted. */
  readonly edits: Iterable<EditAllOptions> | AsyncIterable<EditAllOptions>;
}

/** The ranges of both networks: put them beside their parameters, and int8 can be computed. */
export interface CalibratedRanges {
  readonly firstStage: ActivationRanges;
  readonly denoiser: ActivationRanges;
}

/**
 * Edits in float32 and measures the least and largest number that goes into every operator that int8 would round, and that comes out of it. Yields
 * as the edits do. @throws what edits throw.
 */
export async function* calibrate({
  edits,
  ...options
}: CalibrateOptions): AsyncGenerator<EditEvent, CalibratedRanges, undefined> {
  let all: ActivationRanges = {};
  const onRanges = (ranges: ActivationRanges) => {
    all = joinRanges(all, ranges);
  };
  await using model = editModel({ ...options, onRanges });
  for await (const edit of edits) yield* editPicture(model, edit);
  const of = (parameters: object): ActivationRanges =>
    Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(parameters, name)));
  return { firstStage: of(options.firstStage.parameters), denoiser: of(options.denoiser.parameters) };
}
