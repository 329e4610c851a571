import assert from 'node:assert/strict'
import { createQueue, defineJob, handle, OptionError, type, UnsupportedError } from '@jobport/core'
import { createWorker, fixed } from '@jobport/core'
import type { Backend, Features } from '@jobport/core/adapter'
import { chapter, rule, type Case, type Need } from '../suite/case.ts'
import type { Everything } from '../stage/company.ts'
import type { Stage } from '../stage/stage.ts'
import { counted, wrap } from '../stage/wrap.ts'

const plain = defineJob('plain', { queue: 'work', input: type<number>(), retry: { retries: 0 } })

/** What needs a feature, and how it is asked for. */
interface Asked {
  readonly id: string
  readonly feature: keyof Features
  readonly what: string
  readonly ask: (queue: ReturnType<typeof createQueue<Everything, unknown>>) => unknown
}

const ASKED: readonly Asked[] = [
  { id: 'A8.1', feature: 'delay', what: 'a delay', ask: (queue) => queue.enqueue(plain, 1, { delay: '1m' }) },
  { id: 'A8.2', feature: 'priority', what: 'a priority', ask: (queue) => queue.enqueue(plain, 1, { priority: 1 }) },
  {
    id: 'A8.3',
    feature: 'unique',
    what: 'a unique key',
    ask: (queue) => queue.enqueue(plain, 1, { unique: { key: 'k' } }),
  },
  { id: 'A8.4', feature: 'group', what: 'a group', ask: (queue) => queue.enqueue(plain, 1, { group: 'g' }) },
  { id: 'A8.5', feature: 'state', what: 'the status of a ticket', ask: (queue) => queue.ticket(plain, 'id').status() },
  { id: 'A8.6', feature: 'state', what: 'the result of a ticket', ask: (queue) => queue.ticket(plain, 'id').result() },
  { id: 'A8.7', feature: 'state', what: 'cancelling by ticket', ask: (queue) => queue.ticket(plain, 'id').cancel() },
  { id: 'A8.8', feature: 'state', what: 'the inspector', ask: (queue) => queue.inspect },
  { id: 'A8.9', feature: 'state', what: 'the operator', ask: (queue) => queue.operate },
  { id: 'A8.10', feature: 'transactions', what: 'a transaction', ask: (queue) => queue.within({}).enqueue(plain, 1) },
]

/** These hold wherever the feature is missing; where it is there, it is taken away first. */
export const refusal = chapter('A8', 'refusal', [
  ...ASKED.map(({ id, feature, what, ask }): Case =>
    rule(id, `without the feature ${feature}, ${what} is refused before anything is sent`, async (stage) => {
      const { backend, calls } = counted(without(stage, feature))
      const queue = createQueue(backend as Backend<Everything>)
      const outcome = await Promise.resolve()
        .then(() => ask(queue))
        .then(
          () => 'an answer',
          (error: unknown) => error,
        )
      assert.ok(
        outcome instanceof UnsupportedError,
        `${what} must be refused with an UnsupportedError, not ${String(outcome)}`,
      )
      assert.equal(outcome.backend, backend.name)
      assert.ok(
        outcome.remedy.length > 10 && outcome.message.includes(outcome.remedy),
        `the message has no remedy: ${outcome.message}`,
      )
      assert.ok(outcome.message.includes(backend.name), `the message does not name the backend: ${outcome.message}`)
      assert.deepEqual(
        Object.values(calls).reduce((a, b) => a + b),
        0,
        'something was sent',
      )
      await queue.close()
    }),
  ),

  rule('A8.11', 'without the feature priority a definition that has one is refused too', async (stage) => {
    const { backend, calls } = counted(without(stage, 'priority'))
    const queue = createQueue(backend as Backend<Everything>)
    const urgent = defineJob('urgent', { queue: 'work', input: type<number>(), priority: 1 })
    await assert.rejects(queue.enqueue(urgent, 1), UnsupportedError)
    assert.equal(calls['enqueue'], 0)
    await queue.close()
  }),

  rule('A8.12', 'without the feature delay a delay of 0 is none, and is taken', async (stage) => {
    const queue = createQueue(without(stage, 'delay') as Backend<Everything>)
    await queue.enqueue(plain, 1, { delay: 0 })
    await queue.close()
    await stage.takeOne()
  }),

  rule('A8.13', 'a worker is refused what the limits do not allow, when it is made', async (stage) => {
    const { lease, tick } = stage.limits
    const narrow = wrap(stage.backend as Backend, {
      limits: { ...stage.limits, lease: Math.min(lease, 60_000), retryDelay: 60_000, tick: Math.max(tick, 1_000) },
    })
    const handler = handle(plain, () => {})
    assert.throws(() => createWorker(narrow, [handler], { lease: 61_000 }), OptionError, 'a lease above the limit')
    assert.throws(() => createWorker(narrow, [handler], { lease: 500 }), OptionError, 'a lease below the tick')
    const patient = defineJob('patient', { queue: 'work', input: type<number>(), retry: { backoff: fixed('2m') } })
    assert.throws(() => createWorker(narrow, [handle(patient, () => {})]), OptionError, 'a backoff above the limit')
    createWorker(narrow, [handler], { lease: 60_000 })
  }),

  rule('A8.14', 'what is misspelt is refused with the nearest name', async (stage) => {
    const queue = createQueue(stage.backend as Backend<Everything>)
    await assert.rejects(queue.enqueue(plain, 1, { prioritty: 1 } as object), /priority/)
    assert.throws(
      () => createWorker(stage.backend as Backend, [handle(plain, () => {})], { concurency: 3 } as object),
      /concurrency/,
    )
    await queue.close()
    await stage.nothing('a job with a misspelt option was enqueued')
  }),
])

/** The stage's backend as if it lacked the feature. */
function without<N extends Need>({ backend, features }: Stage<N>, feature: keyof Features): Backend {
  const hidden = { inspect: undefined, operate: undefined, report: undefined }
  return wrap(backend as Backend, {
    features: { ...features, [feature]: false, ...(feature === 'state' && { results: false }) },
    ...(feature === 'state' && (hidden as object)),
    ...(feature === 'transactions' && ({ within: undefined } as object)),
  })
}
