import { isProsoponError } from "@prosopon/errors";
import { GraphQLError } from "graphql/index.js";
import { type WireProblem, wireProblem } from "../limits/wire-problem.ts";

/** Statuses that HTTP callers must see, because proxies and clients act on them; all other errors come with 200. */
const loud: ReadonlySet<number> = new Set([429, 503]);

/** The first error that is not just a wrapping of another. */
function rootOf(error: unknown): unknown {
  let at = error;
  while (at instanceof GraphQLError && at.originalError) at = at.originalError;
  return at;
}

/** An error for an answer: refusals as they are, documents' own mistakes as GraphQL says them, "Unexpected error." for the rest. */
export function maskError(error: unknown, onMasked: (error: unknown) => void): GraphQLError {
  const root = rootOf(error);
  if (root instanceof GraphQLError)
    return root === error ? root : new GraphQLError(root.message, placed(error, root.extensions));
  const problem = wireProblem(root);
  if (problem.code === "INTERNAL") onMasked(root);
  return new GraphQLError(problem.message, placed(error, extensionsOf(problem)));
}

function extensionsOf({ code, status, retryAfter }: WireProblem): Record<string, unknown> {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(Math.ceil(retryAfter / 1000)) };
  return {
    code,
    ...(retryAfter === undefined ? {} : { retryAfterMs: Math.ceil(retryAfter) }),
    ...(loud.has(status) ? { http: { status, headers } } : {}),
  };
}

const placed = (error: unknown, extensions: Readonly<Record<string, unknown>>) => ({
  extensions,
  ...(error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {}),
});

/** What a log may say of an unexpected error: its class, code and place, never its message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = /([^/\\()\s]+:\d+):\d+\)?$/m.exec(
    error.stack?.split("\n").find((line) => line.includes("at ")) ?? "",
  )?.[1];
  const code = isProsoponError(error) ? ` ${error.code}` : "";
  return `${error.name}${code}${place ? ` at ${place}` : ""}`;
}
