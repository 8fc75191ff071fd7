// Loaded into a worker's child by NODE_OPTIONS, as an operator would: an SDK whose spans become lines of TRACE_FILE.
import { appendFileSync } from "node:fs";
import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const exporter = {
  export(spans, done) {
    for (const { name, parentSpanContext, attributes } of spans)
      appendFileSync(
        process.env.TRACE_FILE,
        `${JSON.stringify({ name, trace: parentSpanContext?.traceId, parent: parentSpanContext?.spanId, attributes })}\n`,
      );
    done({ code: 0 });
  },
  async shutdown() {},
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
