import type { ServerResponse } from "node:http";

/** Destroys a response whose reader takes nothing for `milliseconds`: gone without a word, or never reading. One that waits for news is left alone. */
export function cutStalled(response: ServerResponse, milliseconds: number): void {
  let since: number | undefined;
  const timer = setInterval(() => {
    if (!response.writableNeedDrain) since = undefined;
    else if (since === undefined) since = performance.now();
    else if (performance.now() - since >= milliseconds) response.destroy();
  }, milliseconds / 4);
  response.on("drain", () => {
    since = undefined;
  });
  response.once("close", () => clearInterval(timer));
}
