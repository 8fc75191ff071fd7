import { bodyChunks } from "./body-chunks.ts";
import type { Endpoint } from "./endpoint.ts";
import { eventOf, frameSubscription, type WireEvent } from "./frame-subscription.ts";
import { refusalOf, streamProblemOf } from "./problem.ts";
import { promptAnswer } from "./prompt-answer.ts";
import { serverSentEvents } from "./server-sent-events.ts";
import { type FrameRequest, frameVariables } from "./socket-stream.ts";
import type { StreamEvent } from "./stream-event.ts";

/** Frames over server-sent events (graphql-sse, one connection per subscription), for networks that let no WebSocket through. */
export async function* eventStream(
  place: Endpoint,
  request: FrameRequest,
  idleMs: number,
): AsyncGenerator<StreamEvent, void, undefined> {
  const answer = await promptAnswer(place, "/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream" },
    body: JSON.stringify({ query: frameSubscription, variables: frameVariables(request) }),
    signal: request.signal,
    idleMs,
  });
  if (!answer.ok) throw refusalOf(answer.status, await answer.text(), answer.headers.get("retry-after"));
  if (!answer.headers.get("content-type")?.startsWith("text/event-stream") || !answer.body) {
    const { errors } = JSON.parse(await answer.text()) as { errors?: { message: string }[] };
    throw streamProblemOf(errors ?? []);
  }
  for await (const { event, data } of serverSentEvents(bodyChunks(answer.body, { idleMs }))) {
    if (event === "complete") return;
    if (event !== "next") continue;
    const { data: value, errors } = JSON.parse(data) as {
      data?: { frames: WireEvent };
      errors?: { message: string }[];
    };
    if (errors?.length || !value) throw streamProblemOf(errors ?? []);
    yield eventOf(value.frames);
  }
}
