import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Backend, ClaimedJob, Inspector, NewJob, Settled } from '@jobport/core/adapter'
import type { Harness } from '../harness.ts'
import type { Overrides, Stage } from './stage.ts'
import { timeOf } from './time.ts'

type Full = Stage['backend'] & Backend & { readonly inspect: Inspector }

/** Builds the stage of one case in a namespace of its own; `strike` takes everything down again. */
export async function setStage(harness: Harness): Promise<{ readonly stage: Stage; strike(): Promise<void> }> {
  const namespaces: string[] = []
  const instances: Full[] = []

  function found(): string {
    const namespace = `t_${randomBytes(6).toString('hex')}`
    namespaces.push(namespace)
    return namespace
  }

  async function instanceOf(namespace: string): Promise<Full> {
    const created = (await harness.open(namespace)) as Full
    instances.push(created)
    return created
  }

  async function opened(namespace: string): Promise<Full> {
    const created = await instanceOf(namespace)
    await created.open()
    return created
  }

  const steps: (() => Promise<void>)[] = []

  async function strike(): Promise<void> {
    const struck = await inTurn(steps.toReversed())
    const closed = await Promise.allSettled(instances.map((created) => time.until(created.close(), 'close')))
    for (const namespace of namespaces) await harness.cleanup(namespace)
    for (const outcome of [...struck, ...closed]) if (outcome.status === 'rejected') throw outcome.reason
  }

  const namespace = found()
  const backend = await instanceOf(namespace)
  const { features, limits } = backend
  const time = timeOf(harness, limits.tick)
  const queue = 'work'
  let serial = 0

  const job = (overrides: Overrides = {}): NewJob => ({
    id: `job-${++serial}`,
    queue,
    name: 'conformance',
    payload: '{}',
    headers: {},
    ...overrides,
  })

  const jobs: Stage['jobs'] = (count, overrides = {}) =>
    Array.from({ length: count }, (_, index) => job(typeof overrides === 'function' ? overrides(index) : overrides))

  const givenMany: Stage['givenMany'] = async (count, overrides) => {
    const all = jobs(count, overrides)
    for (let from = 0; from < count; from += limits.enqueueBatch) {
      const batch = all.slice(from, from + limits.enqueueBatch)
      const answers = await backend.enqueue(batch)
      assert.deepEqual(
        answers,
        batch.map(() => ({ status: 'enqueued' })),
        'a new job was not enqueued',
      )
    }
    return all
  }

  const claim: Stage['claim'] = ({ by = backend, signal = new AbortController().signal, ...request } = {}) =>
    by.claim({ queue, limit: 1, lease: Math.min(limits.lease, 600_000), wait: 0, ...request }, signal)

  const take: Stage['take'] = async (count, options = {}) => {
    const taken: ClaimedJob[] = []
    while (taken.length < count) {
      const limit = options.limit ?? Math.min(count - taken.length, limits.claimBatch)
      const more = await time.until(claim({ wait: 10 * time.unit, ...options, limit }), 'claim')
      assert.ok(more.length <= limit, `claim gave ${more.length} jobs when asked for at most ${limit}`)
      assert.ok(more.length > 0, `only ${taken.length} of ${count} jobs could be claimed`)
      taken.push(...more)
    }
    return taken
  }

  const stage: Stage = {
    harness,
    namespace,
    backend,
    features,
    limits,
    time,
    queue,
    another: () => opened(namespace),
    unopened: () => instanceOf(namespace),
    onStrike: (step) => void steps.push(step),
    elsewhere: () => opened(found()),
    job,
    jobs,
    givenMany,
    given: async (overrides) => (await givenMany(1, overrides))[0]!,
    claim,
    take,
    takeOne: async (options) => (await take(1, options))[0]!,
    async active(overrides, options) {
      const [given] = await givenMany(1, overrides)
      const taken = (await take(1, { queue: given!.queue, ...options }))[0]!
      assert.equal(taken.lease.id, given!.id, 'another job was claimed than the only one')
      return taken
    },
    async nothing(why, options) {
      const claimed = await claim({ limit: Math.min(10, limits.claimBatch), ...options })
      assert.deepEqual(
        claimed.map(({ lease }) => lease.id),
        [],
        why,
      )
    },
    async settle(...settlements) {
      for (let from = 0; from < settlements.length; from += limits.settleBatch) {
        const answers = await backend.settle(settlements.slice(from, from + limits.settleBatch))
        for (const [index, answer] of answers.entries())
          assertApplied(answer, features.state, `settling ${settlements[from + index]!.lease.id}`)
      }
    },
    async record(id) {
      const [record] = await backend.inspect.find([id])
      assert.ok(record !== undefined, `job ${id} has no record`)
      return record
    },
    async state(id) {
      const [record] = await backend.inspect.find([id])
      return record?.state ?? 'gone'
    },
  }

  try {
    await backend.open()
  } catch (error) {
    await strike().catch(() => {})
    throw error
  }
  return { stage, strike }
}

/** Where the backend keeps no state it may answer `unknown` as well. */
function assertApplied(answer: Settled, state: boolean, what: string): void {
  if (answer === 'unknown' && !state) return
  assert.equal(answer, 'applied', `${what} was answered ${String(answer)}`)
}

async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<readonly PromiseSettledResult<void>[]> {
  const outcomes: PromiseSettledResult<void>[] = []
  for (const step of steps) outcomes.push(...(await Promise.allSettled([step()])))
  return outcomes
}
