import { type Context, context, propagation, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from "@opentelemetry/api";
import type { Job, TraceContext } from "@prosopon/jobs";

const tracer = trace.getTracer("@prosopon/worker");
/** Frames that one span of appending tells of. */
const framesInSpan = 25;

const facts = ({ id, application, device, fence }: Job) => ({
  "prosopon.job": id,
  "prosopon.application": application,
  "prosopon.fence": fence,
  ...(device !== undefined && { "prosopon.device": device }),
});
const contextOf = (given: TraceContext | undefined): Context => propagation.extract(ROOT_CONTEXT, given ?? {});

/** How long a job waited, as a span that has just ended. */
export function queueSpan(job: Job): void {
  const attributes = facts(job);
  tracer.startSpan("prosopon.queue", { startTime: job.submittedAt, attributes }, contextOf(job.trace)).end();
}

/** Runs `work` in a span within the job's trace. Its error is not recorded: it may hold what a user gave. */
export function jobSpan<Result>(
  name: string,
  job: Job,
  work: (span: Span) => Promise<Result>,
  parent = job.trace,
): Promise<Result> {
  return tracer.startActiveSpan(name, { attributes: facts(job) }, contextOf(parent), async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The active span, for another process. */
export function traceHere(): TraceContext | undefined {
  const carrier: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(context.active(), carrier);
  const { traceparent, tracestate } = carrier;
  return traceparent === undefined ? undefined : { traceparent, ...(tracestate !== undefined && { tracestate }) };
}

/** Spans of writing to the log, one for each second or so of frames, within the span that is active now. */
export function appendSpans(job: Job): { stored(seq: number): void; end(): void } {
  const parent = context.active();
  let span: Span | undefined;
  let frames = 0;
  const end = (): void => {
    span?.setAttribute("prosopon.frames", frames).end();
    span = undefined;
    frames = 0;
  };
  return {
    stored(seq) {
      span ??= tracer.startSpan("prosopon.append", { attributes: { ...facts(job), "prosopon.seq": seq } }, parent);
      if (++frames === framesInSpan) end();
    },
    end,
  };
}
