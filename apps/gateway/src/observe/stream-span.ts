import { context, type Link, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import type { FrameEvent, Job } from "@prosopon/jobs";
import type { Transport } from "../frames/stream-desk.ts";

const tracer = trace.getTracer("@prosopon/gateway");

/** The same events in a span of the job's trace, from now to the last; linked to the request's own span. */
export function streamSpan(
  events: AsyncIterableIterator<FrameEvent>,
  { id, application, trace: given }: Job,
  transport: Transport,
): AsyncIterableIterator<FrameEvent> {
  const request = trace.getSpanContext(context.active());
  const links: Link[] = request ? [{ context: request }] : [];
  const attributes = { "prosopon.job": id, "prosopon.application": application, "prosopon.transport": transport };
  const parent = propagation.extract(ROOT_CONTEXT, given ?? {});
  const span = tracer.startSpan("prosopon.stream", { attributes, links }, parent);
  let frames = 0;
  const end = (): void => {
    if (span.isRecording()) span.setAttribute("prosopon.frames", frames).end();
  };
  return {
    async next() {
      const step = await events.next().catch((error: unknown) => {
        end();
        throw error;
      });
      if (step.done) end();
      else if (step.value.event === "frame") frames++;
      return step;
    },
    async return() {
      end();
      return (await events.return?.()) ?? { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
