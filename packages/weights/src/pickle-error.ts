import { ProsoponError } from "@prosopon/errors";

/** A pickle that is damaged or asks for something that is not read here. */
export const badPickle = (message: string, values: Record<string, unknown> = {}): ProsoponError =>
  new ProsoponError("bad-file", `Cannot read the pickle: ${message}`, { values });
