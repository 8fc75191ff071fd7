import { getOperationAST } from "graphql/index.js";
import type { Plugin } from "graphql-yoga";
import type { Services } from "../services.ts";

/** Counts and times operations, over HTTP and sockets. */
export const observeOperations = ({ metrics }: Pick<Services, "metrics">): Plugin => ({
  onExecute({ args }) {
    const kind = getOperationAST(args.document, args.operationName)?.operation ?? "query";
    const stop = metrics.operationSeconds.startTimer({ kind });
    return {
      onExecuteDone({ result }) {
        stop();
        const outcome = "errors" in result && result.errors?.length ? "error" : "ok";
        metrics.operations.inc({ kind, outcome });
      },
    };
  },
  onSubscribe() {
    return {
      onSubscribeResult({ result }) {
        metrics.operations.inc({ kind: "subscription", outcome: Symbol.asyncIterator in result ? "ok" : "error" });
      },
    };
  },
});
