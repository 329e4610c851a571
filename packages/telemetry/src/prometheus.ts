/**
 * The metrics in the format of Prometheus, by prom-client.
 * @module
 */
export { registerMetrics } from './metrics/register-metrics.ts'
