/** Which parameters, by full name: those that a loss trains, an average follows, a checkpoint holds. */
export type ParameterFilter = (name: string) => boolean;

/** Parameters at or below any of the places, such as "encoder" or "model.diffusion_model.input_blocks.1". */
export const under =
  (...places: readonly string[]): ParameterFilter =>
  (name) =>
    places.some((place) => name === place || name.startsWith(`${place}.`));

/** All but those of a filter: what stays when they are frozen. */
export const except =
  (filter: ParameterFilter): ParameterFilter =>
  (name) =>
    !filter(name);
