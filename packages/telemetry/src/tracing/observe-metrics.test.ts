import { createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect, it } from 'vitest'
import { combine, createMetrics } from '../index.ts'
import { observeMetrics } from '../opentelemetry.ts'

const encode = defineJob('media.encode', { input: type<string>(), queue: 'media', retry: { retries: 0 } })

it('gives a meter what the messaging conventions ask for, and the figures beside', async () => {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const backend = memoryBackend()
  const metrics = createMetrics({ backend })
  const instrumentation = combine(metrics, observeMetrics(metrics, { meterProvider }))
  await using queue = createQueue(backend, { instrumentation })
  await using worker = createWorker(
    backend,
    [
      handle(encode, (what) => {
        if (what === 'bad') throw new RangeError('bad')
      }),
    ],
    { instrumentation },
  )
  await worker.start()
  const tickets = await Promise.all([queue.enqueue(encode, 'good'), queue.enqueue(encode, 'bad')])
  await Promise.allSettled(tickets.map((ticket) => ticket.result()))
  await expect(queue.enqueue(encode, 'x', { priority: -1 })).rejects.toThrow('priority')
  await meterProvider.forceFlush()

  const [exported] = exporter.getMetrics().slice(-1)
  const points = exported!.scopeMetrics
    .flatMap((scope) => scope.metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({ name: descriptor.name, attributes, value: value as never })),
    )
  const of = (name: string, attributes: object) =>
    points.find(
      (point) =>
        point.name === name && Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
    )
  const media = {
    'messaging.system': 'jobport',
    'messaging.destination.name': 'media',
    'jobport.job.name': 'media.encode',
  }
  expect(of('messaging.client.sent.messages', { ...media, 'error.type': undefined })!.value).toBe(2)
  expect(of('messaging.client.sent.messages', { ...media, 'error.type': '_OTHER' })!.value).toBe(1)
  expect(of('messaging.client.operation.duration', media)!.value).toMatchObject({ count: 2 })
  expect(of('messaging.client.consumed.messages', { ...media, 'error.type': '_OTHER' })!.value).toBe(1)
  expect(
    of('messaging.process.duration', { ...media, 'messaging.operation.name': 'process', 'error.type': undefined })!
      .value,
  ).toMatchObject({ count: 1 })
  expect(of('jobport.jobs_finished', { queue: 'media', state: 'completed' })!.value).toBe(1)
  expect(of('jobport.queue_jobs', { queue: 'media', state: 'dead' })!.value).toBe(1)
  expect(of('jobport.group_blocked_seconds', { queue: 'media', job_name: 'media.encode' })!.value).toBe(0)
  await meterProvider.shutdown()
})
