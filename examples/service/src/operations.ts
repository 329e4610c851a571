import type { Backend, Instrumentation } from '@jobport/core'
import {
  combine,
  createEndpoints,
  createLogging,
  createMetrics,
  type EndpointsOptions,
  type Metrics,
} from '@jobport/telemetry'
import { registerMetrics } from '@jobport/telemetry/prometheus'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'

/** What an operator sees of a service that works with jobs. */
export interface Operations {
  /** For its queues, workers and notifiers. */
  readonly instrumentation: Instrumentation
  readonly metrics: Metrics
  /** Metrics of the service's own go here. */
  readonly registry: Registry
  /** For the `endpoints` of `createHttp`, or for `serveEndpoints`. */
  readonly endpoints: EndpointsOptions
}

export interface OperationsOptions {
  readonly backend: Backend<any>
  readonly log: Logger
  /** Further conditions of `/readyz`. */
  readonly checks?: NonNullable<EndpointsOptions['checks']>
  /** Fields that no line of the log shows, beside the usual ones. */
  readonly redact?: readonly string[]
}

/** Metrics of the process, its jobs and its backend, and a line in the log for what happens to a job. */
export function observe({ backend, log, checks = {}, redact = [] }: OperationsOptions): Operations {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const metrics = createMetrics({ backend })
  registerMetrics(metrics, registry)
  return {
    instrumentation: combine(metrics, createLogging(log, { redact })),
    metrics,
    registry,
    endpoints: { metrics: registry, backend, checks },
  }
}

/** `/healthz`, `/readyz` and `/metrics` of a service that serves nothing else. Resolves when it listens; `port` 0 takes a free one. */
export async function serveEndpoints(
  options: EndpointsOptions,
  port: number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer(createEndpoints(options).listener)
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      }),
  }
}
