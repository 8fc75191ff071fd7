import { isProsoponError, type ProsoponError } from "@prosopon/errors";

/** The one-line error that a promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<ProsoponError> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  );
  if (!isProsoponError(error)) throw new Error(`not refused: ${error}`);
  if (error.message.includes("\n")) throw new Error(`not one line: ${error.message}`);
  return error;
}
