/**
 * Traces and metrics by the messaging conventions of OpenTelemetry.
 * @module
 */
export { observeMetrics, type ObserveMetricsOptions } from './tracing/observe-metrics.ts'
export { createTracing, type TracingOptions } from './tracing/tracing.ts'
