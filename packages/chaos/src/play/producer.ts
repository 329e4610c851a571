import { setTimeout as sleep } from 'node:timers/promises'
import { createQueue, fixed, type Queue } from '@jobport/core'
import { isBackendFailure, type Backend, type Features } from '@jobport/core/adapter'
import type { HistoryFile } from '../history/history-file.ts'
import { jobPlans, type JobPlan } from '../plan/job-plan.ts'
import { definitionOf } from './definitions.ts'
import type { Part } from './part.ts'

const MOST = 16

/** Enqueues its share of the jobs, in order, at its rate, and each until it is accepted. */
export async function produce(part: Part, backend: Backend, history: HistoryFile): Promise<void> {
  const producer = new Producer(backend, history)
  const accepted = new Set(part.accepted)
  const plans = jobPlans(part.jobs)
    .map((plan, index) => ({ plan, due: part.from + (index / part.rate) * 1_000 }))
    .filter(({ plan }) => plan.producer === part.index && !accepted.has(plan.id))
  while (plans.length > 0) {
    await sleep(Math.max(0, plans[0]!.due - history.now()))
    const batch: JobPlan[] = []
    while (batch.length < MOST && plans.length > 0 && plans[0]!.due <= history.now() && fits(plans[0]!.plan, batch))
      batch.push(plans.shift()!.plan)
    await producer.enqueue(batch)
    await producer.enqueue(batch.filter(({ repeated }) => repeated))
  }
  history.add({ type: 'done' })
}

/** Whether its order, among those that share a group or a key, does not depend on what becomes of this batch. */
function fits(plan: JobPlan, batch: readonly JobPlan[]): boolean {
  return !batch.some(
    ({ group, unique }) =>
      (group !== undefined && group === plan.group) || (unique !== undefined && unique === plan.unique),
  )
}

class Producer {
  readonly #queue: Queue
  readonly #features: Features
  readonly #history: HistoryFile
  #calls = 0

  constructor(backend: Backend, history: HistoryFile) {
    this.#queue = createQueue(backend, { patience: 1_000 })
    this.#features = backend.features
    this.#history = history
  }

  async enqueue(batch: readonly JobPlan[]): Promise<void> {
    let left = batch
    while (left.length > 0) {
      const call = ++this.#calls
      this.#history.add({ type: 'enqueue', call, ids: left.map(({ id }) => id) })
      const accepted = await Promise.all(left.map((plan) => this.#enqueue(plan, call)))
      left = left.filter((_, index) => !accepted[index])
      if (left.length > 0) await sleep(100)
    }
  }

  async #enqueue(plan: JobPlan, call: number): Promise<boolean> {
    const { id, delay, priority, unique, group, retries, backoff } = plan
    try {
      const ticket = await this.#queue.enqueue(
        definitionOf(plan),
        { key: id },
        {
          id,
          ...(delay !== undefined && { delay }),
          ...(priority !== undefined && this.#features.priority && { priority }),
          ...(unique !== undefined && this.#features.unique && { unique: { key: unique } }),
          ...(group !== undefined && this.#features.group && { group }),
          retry: { retries, backoff: fixed(backoff) },
        },
      )
      this.#history.add({ type: 'accepted', call, id, ...(ticket.duplicate && { of: ticket.id }) })
      return true
    } catch (error) {
      this.#history.add({ type: 'rejected', call, id, error: String(error) })
      if (!isBackendFailure(error) || !error.retryable) throw error
      return false
    }
  }
}
