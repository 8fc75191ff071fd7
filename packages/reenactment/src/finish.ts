import type { EditEvent } from "./edit-event.ts";

/** Runs an edit to its end and gives its result; `onEvent` sees each step. Throws what the edit throws. */
export async function finish<Result>(
  edit: AsyncGenerator<EditEvent, Result, undefined>,
  onEvent?: (event: EditEvent) => void,
): Promise<Result> {
  for (;;) {
    const { done, value } = await edit.next();
    if (done) return value;
    onEvent?.(value);
  }
}
