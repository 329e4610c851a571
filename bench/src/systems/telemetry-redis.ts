import { redisBackend } from '@jobport/redis-adapter'
import { combine, createMetrics } from '@jobport/telemetry'
import { registerMetrics } from '@jobport/telemetry/prometheus'
import { jobport } from '../jobport.ts'
import { redisUrl } from '../servers/redis.ts'
import type { CreateSystem } from '../system.ts'

export const create: CreateSystem = () => {
  const backend = redisBackend({ url: redisUrl(), namespace: 'bench' })
  const metrics = createMetrics({ backend })
  registerMetrics(metrics)
  return jobport({
    backend,
    configuration: 'defaults; off: an instrumentation that has nothing; on: metrics with the Prometheus exporter',
    packages: ['@jobport/core', '@jobport/redis-adapter', '@jobport/telemetry', 'prom-client'],
    instrumentations: { off: combine(), on: metrics },
  })
}
