import type { Worker } from '@jobport/core'
import { createLog, observe, type Operations } from '@jobport/example-service'
import { expect, it, onTestFinished } from 'vitest'
import { createProcessor } from '../src/processor/processor.ts'
import { fileEffects } from '../src/processor/effects.ts'
import { simulatedWork, type Work } from '../src/processor/work.ts'
import { messageBackend, type MessageBackendOptions } from '../src/queue/message-backend.ts'
import { createWriter } from '../src/writer/writer.ts'
import { message, serverUrl, stage, type Stage } from './stage.ts'
import { faultySqs, type FaultySqs } from './sqs-faults.ts'

const WAIT = { timeout: 50_000, interval: 50 }

interface Parts {
  readonly place: Stage
  readonly sqs: FaultySqs
  readonly operations: Operations
  post(url: string, payload: object, key?: string): Promise<{ status: number; retryAfter: unknown; body: any }>
  processor(lease: number, work: Work): Promise<Worker>
}

/** Writer and processor in this process, on an SQS that can misbehave. */
async function trouble(options: Partial<MessageBackendOptions> = {}): Promise<Parts> {
  const place = stage()
  const sqs = await faultySqs(serverUrl())
  const log = createLog({ service: 'test', environment: 'development', level: 'silent' })
  const { backend, retries } = messageBackend({
    sqs: { ...place.sqs, endpoint: sqs.url },
    prefix: place.prefix,
    create: true,
    maxReceives: 10,
    attempts: 2,
    callTimeout: 1_000,
    longPoll: 1_000,
    log,
    ...options,
  })
  await backend.open()
  const operations = observe({ backend, log })
  operations.registry.registerMetric(retries)
  const limits = { maxInFlight: 100, bulkLimit: 100, bodyLimit: 100_000, patience: 2_500 }
  const writer = await createWriter({ backend, log, operations, ...limits })
  let worker: Worker | undefined
  onTestFinished(async () => {
    sqs.fault = () => undefined
    await worker?.close()
    await writer.close()
    await backend.close()
  })
  return {
    place,
    sqs,
    operations,
    async post(url, payload, key) {
      const headers = key === undefined ? {} : { 'idempotency-key': key }
      const answer = await writer.app.inject({ method: 'POST', url, payload, headers })
      return { status: answer.statusCode, retryAfter: answer.headers['retry-after'], body: answer.json() }
    },
    async processor(lease, work) {
      worker = createProcessor({
        backend,
        log,
        operations,
        capacity: { concurrency: 10, lease, claimAhead: 10 },
        policy: { retries: 5, timeout: 20_000 },
        work,
        effects: fileEffects(place.effectsFolder),
      })
      await worker.start()
      return worker
    },
  }
}

it.each([
  ['throttles', 'throttled', { error: 'RequestThrottled' }],
  ['does not answer', 'unavailable', 'silence'],
  ['is away', 'unavailable', 'break'],
] as const)('when SQS %s the writer answers 503 in time, and all is well when that is over', async (_, code, fault) => {
  const { sqs, post, place, processor, operations } = await trouble()
  sqs.fault = (action) => (action === 'SendMessageBatch' ? fault : undefined)
  const began = performance.now()
  const refused = await post('/messages', message, 'key-00001')
  expect(refused).toMatchObject({ status: 503, body: { error: { code } } })
  expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(1)
  expect(performance.now() - began).toBeLessThan(10_000)
  expect(await operations.registry.metrics()).toMatch(/messages_sqs_retries_total\{operation="SendMessageBatch".* 1/)

  sqs.fault = () => undefined
  await expect.poll(() => post('/messages', message, 'key-00001'), WAIT).toMatchObject({ status: 202 })
  await processor(10_000, simulatedWork({ takes: 1, failsFor: [] }))
  await expect.poll(() => place.effects(), WAIT).toMatchObject([message])
})

it('a processor that is throttled at every step loses nothing', async () => {
  const { sqs, post, place, processor } = await trouble({ attempts: 5 })
  const messages = Array.from({ length: 60 }, (_, index) => ({ ...message, text: `no. ${index}` }))
  expect(await post('/messages/bulk', { messages })).toMatchObject({ status: 202 })
  let asked = 0
  sqs.fault = () => (asked++ % 2 === 0 ? { error: 'RequestThrottled' } : undefined)
  const worker = await processor(10_000, simulatedWork({ takes: 5, failsFor: [] }))
  await expect.poll(() => place.effects().length, WAIT).toBe(60)
  await expect.poll(() => worker.isIdle, WAIT).toBe(true)
  expect(await place.deadLetters()).toEqual([])
})

it('work that takes longer than the visibility timeout is extended by a heartbeat, and done once', async () => {
  const { sqs, post, place, processor } = await trouble()
  const extensions = (): number => sqs.actions.filter((action) => action === 'ChangeMessageVisibilityBatch').length
  let runs = 0
  await post('/messages', message)
  await processor(6_000, async () => {
    runs++
    // One after each third of the timeout.
    await expect.poll(extensions, WAIT).toBeGreaterThanOrEqual(4)
  })
  await expect.poll(() => place.effects(), WAIT).toHaveLength(1)
  expect(runs).toBe(1)
})
