import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  BackendError,
  createQueue,
  createWorker,
  defineJob,
  handle,
  handleMany,
  memoryBackend,
  type,
} from '@jobport/core'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createTracing, type TracingOptions } from '../opentelemetry.ts'
import { TestTracing } from '../../test/tracing.ts'

let sdk: TestTracing
beforeEach(() => {
  sdk = new TestTracing()
})
afterEach(() => sdk.stop())

const publish = defineJob('media.publish', { input: type<string>(), queue: 'publish' })
const encode = defineJob('media.encode', {
  input: type<string>(),
  output: type<string>(),
  queue: 'media',
  retry: { retries: 0 },
}).followedBy(publish, (path) => path)

function stage(options?: TracingOptions) {
  const backend = memoryBackend()
  const tracing = createTracing(options)
  return { backend, tracing, queue: createQueue(backend, { instrumentation: tracing }) }
}

it('a job is one trace from the enqueue over its handler to what follows', async () => {
  const { backend, tracing, queue } = stage()
  let inside: string | undefined
  await using worker = createWorker(
    backend,
    [
      handle(encode, async (what) => {
        await Promise.resolve()
        trace.getTracer('app').startSpan('resize').end()
        return what
      }),
      handle(publish, () => {
        inside = trace.getActiveSpan()!.spanContext().traceId
      }),
    ],
    { instrumentation: tracing },
  )
  const published = new Promise<void>((resolve) =>
    worker.on('completed', ({ name }) => name === 'media.publish' && resolve()),
  )
  await worker.start()
  const request = trace.getTracer('app').startSpan('POST /videos')
  const { id } = await context.with(trace.setSpan(ROOT_CONTEXT, request), () => queue.enqueue(encode, 'cat'))
  request.end()
  await published

  const [send, process, resize, follower] = ['send media', 'process media', 'resize', 'process publish'].map((name) =>
    sdk.span(name),
  )
  expect(send).toMatchObject({
    kind: SpanKind.PRODUCER,
    attributes: {
      'messaging.system': 'jobport',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'media',
      'messaging.message.id': id,
      'jobport.job.name': 'media.encode',
    },
  })
  expect(process).toMatchObject({
    kind: SpanKind.CONSUMER,
    attributes: { 'messaging.operation.name': 'process', 'messaging.message.id': id, 'jobport.job.attempt': 1 },
    links: [{ context: { spanId: send!.spanContext().spanId } }],
  })
  const parents = [send, process, resize, follower].map((span) => span!.parentSpanContext!.spanId)
  expect(parents).toEqual([request, send!, process!, process!].map((span) => span.spanContext().spanId))
  const own = sdk.spans.filter(({ name }) => !/^(receive|settle) /.test(name))
  const traces = new Set(own.map((span) => span.spanContext().traceId))
  expect([...traces]).toEqual([inside])
})

it('a handler that fails marks its span, without the message of the error', async () => {
  const { backend, tracing, queue } = stage()
  await using worker = createWorker(
    backend,
    [
      handle(encode, () => {
        throw new RangeError('token s3cret')
      }),
    ],
    { instrumentation: tracing },
  )
  await worker.start()
  const ticket = await queue.enqueue(encode, 'cat')
  await ticket.result().catch(() => {})
  const failed = sdk.span('process media')
  expect(failed.status).toEqual({ code: SpanStatusCode.ERROR })
  expect(failed.attributes['error.type']).toBe('RangeError')
  expect(JSON.stringify([failed.attributes, failed.events, failed.status])).not.toContain('s3cret')
})

it('an enqueue that fails marks its span', async () => {
  const { queue } = stage()
  await expect(queue.enqueue(encode, 'cat', { priority: -1 })).rejects.toThrow('priority')
  expect(sdk.span('send media')).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'invalid-option' },
  })
})

it('many are sent by one span, and the run of a batch is linked to each that made its jobs', async () => {
  const { backend, tracing, queue } = stage()
  await queue.enqueueMany(publish, [{ input: 'a' }, { input: 'b' }])
  await queue.enqueue(publish, 'c')
  await using worker = createWorker(backend, [handleMany(publish, () => {})], { instrumentation: tracing })
  const idle = new Promise<void>((resolve) => worker.once('idle', resolve))
  await worker.start()
  await idle
  const [many, one] = sdk.spans.filter(({ name }) => name === 'send publish')
  expect(many!.attributes['messaging.batch.message_count']).toBe(2)
  const batch = sdk.span('process publish')
  expect(batch.attributes['messaging.batch.message_count']).toBe(3)
  expect(batch.parentSpanContext).toBeUndefined()
  expect(batch.links.map((link) => link.context.spanId)).toEqual(
    [many!, many!, one!].map((span) => span.spanContext().spanId),
  )
})

it('runs of their own traces are linked to the enqueue', async () => {
  const { backend, tracing, queue } = stage({ relation: 'link' })
  await using worker = createWorker(backend, [handle(encode, (what) => what)], { instrumentation: tracing })
  await worker.start()
  await (await queue.enqueue(encode, 'cat')).result()
  const [send, process] = [sdk.span('send media'), sdk.span('process media')]
  expect(process.parentSpanContext).toBeUndefined()
  expect(process.spanContext().traceId).not.toBe(send.spanContext().traceId)
  expect(process.links).toMatchObject([{ context: { spanId: send.spanContext().spanId } }])
})

it('claims that bring jobs and outcomes that are stored have spans, linked to what made each job', async () => {
  const { backend, tracing, queue } = stage()
  const tickets = [await queue.enqueue(encode, 'cat'), await queue.enqueue(encode, 'dog')]
  const worker = createWorker(backend, [handle(encode, (what) => what)], { instrumentation: tracing })
  await worker.start()
  for (const ticket of tickets) await ticket.result()
  await worker.close()

  const links = sdk.spans.filter(({ name }) => name === 'send media').map((span) => span.spanContext().spanId)
  const receive = sdk.span('receive media')
  expect(receive).toMatchObject({
    kind: SpanKind.CLIENT,
    attributes: {
      'messaging.system': 'jobport',
      'messaging.operation.name': 'receive',
      'messaging.operation.type': 'receive',
      'messaging.destination.name': 'media',
      'messaging.batch.message_count': 2,
    },
  })
  expect(receive.links.map(({ context }) => context.spanId)).toEqual(links)
  const settled = sdk.spans.filter(({ name }) => name === 'settle media').flatMap((span) => span.links)
  expect(settled.map(({ context }) => context.spanId)).toEqual(links)
  expect(receive.parentSpanContext).toBeUndefined()
})

it('outcomes that cannot be stored mark the span', async () => {
  const { backend, tracing, queue } = stage()
  await queue.enqueue(encode, 'cat')
  Object.assign(backend, { exchange: undefined })
  vi.spyOn(backend, 'settle').mockRejectedValue(new BackendError('denied', 'memory', 'not today'))
  const worker = createWorker(backend, [handle(encode, (what) => what)], { instrumentation: tracing })
  const lost = new Promise<void>((resolve) => worker.once('lost', () => resolve()))
  await worker.start()
  await lost
  await worker.close().catch(() => {})
  expect(sdk.span('settle media')).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { 'error.type': 'denied', 'messaging.message.id': expect.any(String) },
  })
})
