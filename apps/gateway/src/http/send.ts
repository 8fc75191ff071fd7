import type { ServerResponse } from "node:http";
import { wireProblem } from "../limits/wire-problem.ts";

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "content-length": Buffer.byteLength(text),
    })
    .end(text);
}

/** Answers with what may be told of an error, in GraphQL's shape, and gives its code. Once the answer has begun the connection is cut instead. */
export function sendProblem(response: ServerResponse, error: unknown): string {
  const { code, status, message, retryAfter } = wireProblem(error);
  if (response.headersSent) {
    response.destroy();
    return code;
  }
  if (retryAfter !== undefined) response.setHeader("retry-after", Math.ceil(retryAfter / 1000));
  if (status === 401) response.setHeader("www-authenticate", "Bearer");
  // What is left of the body is not read: close instead.
  if (!response.req.complete) response.setHeader("connection", "close");
  sendJson(response, status, { errors: [{ message, extensions: { code } }] });
  return code;
}
