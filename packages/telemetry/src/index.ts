/**
 * Metrics, health endpoints and structured logs. Nothing here needs another package.
 * @module
 */
export { combine } from './combine.ts'
export { createEndpoints, type Endpoints, type EndpointsOptions, type MetricsSource } from './http/endpoints.ts'
export type { Level, Logger } from './log/logger.ts'
export { createLogging, type Logging, type LoggingOptions } from './log/logging.ts'
export type { FamilyName, Labels, Sample } from './metrics/families.ts'
export type { Distribution } from './metrics/histogram.ts'
export { createMetrics, type Metrics, type MetricsOptions, type NotifierLike } from './metrics/metrics.ts'
