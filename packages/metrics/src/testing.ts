export { type MetricCase, type MetricConformanceOptions, metricConformance } from "./testing/metric-conformance.ts";
