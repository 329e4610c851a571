import { metrics as globalMetrics, type Attributes, type MeterProvider, type Observable } from '@opentelemetry/api'
import type { Instrumentation } from '@jobport/core'
import { FAMILIES, type FamilyName } from '../metrics/families.ts'
import { DEFAULT_BUCKETS } from '../metrics/histogram.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { attributesOf, byQueue, SCOPE } from './conventions.ts'

export interface ObserveMetricsOptions {
  /** Default: the global one, as it is now: set up the SDK first. */
  readonly meterProvider?: MeterProvider
  /** Bounds that are suggested to the SDK for the histograms, in seconds. Default: those of `createMetrics`. */
  readonly buckets?: readonly number[]
}

/**
 * Gives a meter the metrics of the messaging conventions (`messaging.client.sent.messages`, `messaging.client.consumed.messages`, `messaging.client.operation.duration`,
 * `messaging.process.duration`), and the figures of `metrics` beside them, as `jobport.queue_jobs` and so on. Their labels are queue and job name.
 */
export function observeMetrics(
  metrics: Metrics,
  options: ObserveMetricsOptions = {},
): Required<Pick<Instrumentation, 'attach' | 'completed' | 'received' | 'send' | 'settled'>> {
  const meter = (options.meterProvider ?? globalMetrics).getMeter(SCOPE)
  const seconds = { unit: 's', advice: { explicitBucketBoundaries: [...(options.buckets ?? DEFAULT_BUCKETS)] } }
  const sent = meter.createCounter('messaging.client.sent.messages', { unit: '{message}' })
  const consumed = meter.createCounter('messaging.client.consumed.messages', { unit: '{message}' })
  const operations = meter.createHistogram('messaging.client.operation.duration', seconds)
  const durations = meter.createHistogram('messaging.process.duration', seconds)

  const observables = new Map<FamilyName, Observable>()
  for (const [family, [type, description]] of Object.entries(FAMILIES)) {
    const name = `jobport.${family.replace(/^jobport_/, '').replace(/_total$/, '')}`
    if (type === 'counter') observables.set(family as FamilyName, meter.createObservableCounter(name, { description }))
    else if (type === 'gauge') observables.set(family as FamilyName, meter.createObservableGauge(name, { description }))
  }
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { family, labels, value } of await metrics.read()) {
        const observable = observables.get(family)
        if (observable !== undefined && typeof value === 'number') result.observe(observable, value, labels)
      }
    },
    [...observables.values()],
  )

  const note = (took: number | undefined, attributes: Attributes): void => {
    consumed.add(1, attributes)
    if (took !== undefined) durations.record(took / 1000, attributes)
  }
  return {
    attach(worker) {
      worker.on('failed', (job, { took }) =>
        // The kinds of errors are without number.
        note(took, { ...attributesOf('process', job.queue, job.name), 'error.type': '_OTHER' }),
      )
    },
    completed: (queue, name, took) => note(took, attributesOf('process', queue, name)),
    received: (queue, _, took) => operations.record(took / 1000, attributesOf('receive', queue)),
    settled(jobs, took, error) {
      for (const queue of byQueue(jobs).keys())
        operations.record(took / 1000, {
          ...attributesOf('settle', queue),
          ...(error !== undefined && { 'error.type': '_OTHER' }),
        })
    },
    async send(sending, send) {
      const attributes = attributesOf('send', sending.queue, sending.name)
      const began = performance.now()
      const end = (error: Attributes): void => {
        sent.add(sending.count, { ...attributes, ...error })
        operations.record((performance.now() - began) / 1000, { ...attributes, ...error })
      }
      try {
        const answer = await send()
        end({})
        return answer
      } catch (error) {
        end({ 'error.type': '_OTHER' })
        throw error
      }
    },
  }
}
