import { isAsyncIterable, type Plugin } from "graphql-yoga";

/**
 * Ends a subscription over HTTP when its caller leaves. Yoga does so once it sends the answer; to a caller who left before, it sends none, and the
 * stream would stay open behind it.
 */
export const endWithCaller: Plugin = {
  onExecutionResult({ result, request: { signal } }) {
    if (!isAsyncIterable(result)) return;
    const leave = (): void => void result[Symbol.asyncIterator]().return?.();
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  },
};
