import { ProsoponError } from "@prosopon/errors";

/** Runs an action and puts the file's path in front of the message of a `bad-file` error. */
export async function nameFile<T>(file: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof ProsoponError) || error.code !== "bad-file" || "file" in error.values) throw error;
    throw new ProsoponError("bad-file", `${file}: ${error.message}`, {
      values: { file, ...error.values },
      cause: error,
    });
  }
}
