import { SpanStatusCode, trace } from "@opentelemetry/api";

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
