import { context, propagation, SpanStatusCode, trace } from "@opentelemetry/api";
import type { TraceContext } from "@prosopon/jobs";

const tracer = trace.getTracer("@prosopon/gateway");

/**
 * Runs `work` in an OpenTelemetry span. Only the API is used: without an SDK in the process this costs nothing. Attributes are ids and
 * sizes, never content.
 */
export function inSpan<Result>(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  work: () => Promise<Result>,
): Promise<Result> {
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      // No message: it may hold what the caller sent.
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** The active span, as a submission takes it along; nothing without an SDK. */
export function traceHere(): { readonly trace?: TraceContext } {
  const carrier: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(context.active(), carrier);
  const { traceparent, tracestate } = carrier;
  return traceparent === undefined ? {} : { trace: { traceparent, ...(tracestate !== undefined && { tracestate }) } };
}
