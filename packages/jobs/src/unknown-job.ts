import { ProsoponError } from "@prosopon/errors";

export const unknownJob = (id: string): ProsoponError =>
  new ProsoponError("not-found", `There is no job "${id}".`, {
    values: { id },
    mend: "It may have been removed after its time.",
  });

/** A worker skipped a frame, or the log lost its tail with the power. */
export const missingFrames = (id: string, seq: number, lastSeq: number): ProsoponError =>
  new ProsoponError("bad-input", `Frame ${seq} of job "${id}" cannot follow frame ${lastSeq}.`, {
    values: { id, seq, lastSeq },
    mend: `Frame ${lastSeq + 1} is next.`,
  });

/** What a claim's signal fires with. */
export const claimCancelled = (id: string): ProsoponError =>
  new ProsoponError("cancelled", `Job "${id}" was cancelled.`, { values: { id } });

export const claimLost = (id: string): ProsoponError =>
  new ProsoponError("crashed", `Job "${id}" was given to another worker.`, { values: { id } });
