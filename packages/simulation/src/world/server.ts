import type { JobId, Ms } from '@jobport/core'
import type {
  Backend,
  CancelRequest,
  Cancellation,
  ClaimedJob,
  ClaimRequest,
  Enqueued,
  Exchanged,
  Extended,
  Lease,
  NewJob,
  Report,
  Settled,
  Settlement,
  Stateful,
} from '@jobport/core/adapter'
import type { Follower } from '../history/event.ts'
import type { History } from '../history/history.ts'

/** The one backend of a world, which writes down what it does for whom. */
export class Server {
  readonly backend: Backend & Stateful
  readonly #history: History
  readonly #onCall: (by: string) => void
  #calls = 0

  /** `onCall` is told who calls before each call. */
  constructor(backend: Backend & Stateful, history: History, onCall: (by: string) => void) {
    this.backend = backend
    this.#history = history
    this.#onCall = onCall
  }

  async enqueue(by: string, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    this.#onCall(by)
    const replies = await this.backend.enqueue(jobs)
    jobs.forEach(({ id, queue, name, payload, group, unique, delay }, index) => {
      const reply = replies[index]!
      this.#history.add({
        type: 'enqueue',
        by,
        id,
        queue,
        name,
        ...keyOf(payload),
        ...(group !== undefined && { group }),
        ...(unique !== undefined && { unique: unique.key, within: unique.within ?? 0 }),
        ...(delay !== undefined && { delay }),
        status: reply.status,
        ...(reply.status === 'duplicate' && { of: reply.of }),
      })
    })
    return replies
  }

  async claim(by: string, request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const { queue, wait } = request
    const call = ++this.#calls
    if (wait > 0) this.#history.add({ type: 'wait', by, queue, call })
    this.#onCall(by)
    const jobs = await this.backend.claim(request, signal)
    if (wait > 0) this.#history.add({ type: 'waited', by, queue, call })
    this.#claimed(by, request.lease, jobs)
    return jobs
  }

  async settle(by: string, settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    this.#onCall(by)
    const replies = await this.backend.settle(settlements)
    this.#settled(by, settlements, replies)
    return replies
  }

  async exchange(
    by: string,
    settlements: readonly Settlement[],
    request: Omit<ClaimRequest, 'wait'>,
  ): Promise<Exchanged> {
    this.#onCall(by)
    const exchanged = await this.backend.exchange!(settlements, request)
    this.#settled(by, settlements, exchanged.settled)
    this.#claimed(by, request.lease, exchanged.claimed)
    return exchanged
  }

  async extend(by: string, leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    this.#onCall(by)
    const replies = await this.backend.extend(leases, lease)
    leases.forEach(({ id, token }, index) =>
      this.#history.add({ type: 'extend', by, id, attempt: attemptOf(token), lease, reply: word(replies[index]!) }),
    )
    return replies
  }

  async report(by: string, reports: readonly Report[]): Promise<readonly Settled[]> {
    this.#onCall(by)
    const replies = await this.backend.report(reports)
    reports.forEach(({ lease: { id, token }, begun }, index) => {
      if (begun === true)
        this.#history.add({ type: 'begun', by, id, attempt: attemptOf(token), reply: word(replies[index]!) })
    })
    return replies
  }

  async cancel(by: string, requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
    this.#onCall(by)
    const replies = await this.backend.operate.cancel(requests)
    requests.forEach(({ id, then }, index) =>
      this.#history.add({ type: 'cancel', by, id, ...followersOf(then), reply: replies[index]! }),
    )
    return replies
  }

  async retry(by: string, ids: readonly JobId[]): Promise<readonly boolean[]> {
    this.#onCall(by)
    const replies = await this.backend.operate.retry(ids)
    ids.forEach((id, index) => this.#history.add({ type: 'retry', by, id, reply: replies[index]! }))
    return replies
  }

  async pause(by: string, queue: string): Promise<void> {
    await this.backend.operate.pause(queue)
    this.#history.add({ type: 'pause-queue', by, queue })
  }

  async resume(by: string, queue: string): Promise<void> {
    this.#history.add({ type: 'resume-queue', by, queue })
    await this.backend.operate.resume(queue)
  }

  #claimed(by: string, lease: Ms, jobs: readonly ClaimedJob[]): void {
    for (const job of jobs) {
      const { id, queue } = job.lease
      const { attempt, failures, crashes, redrives, cancelRequested } = job
      this.#history.add({
        type: 'claim',
        by,
        id,
        queue,
        attempt,
        failures,
        crashes,
        redrives,
        lease,
        ...(cancelRequested === true && { cancelRequested }),
      })
    }
  }

  #settled(by: string, settlements: readonly Settlement[], replies: readonly Settled[]): void {
    settlements.forEach((settlement, index) => {
      const { lease, to, then } = settlement
      const error = to === 'dead' || to === 'waiting' ? settlement.error : undefined
      this.#history.add({
        type: 'settle',
        by,
        id: lease.id,
        attempt: attemptOf(lease.token),
        to,
        ...(to === 'waiting' && { counts: settlement.counts }),
        ...(error !== undefined && { error: (JSON.parse(error) as { name: string }).name }),
        ...followersOf(then),
        reply: word(replies[index]!),
      })
    })
  }
}

function attemptOf(token: string): number {
  return Number.parseInt(token)
}

function word(reply: Settled | Extended): string {
  return typeof reply === 'string' ? reply : reply.code
}

function followersOf(then: readonly NewJob[] | undefined): { then?: readonly Follower[] } {
  if (then === undefined || then.length === 0) return {}
  return { then: then.map(({ id, queue, name, payload }) => ({ id, queue, name, ...keyOf(payload) })) }
}

/** Jobs of the simulation carry a key; of a notification it says which outcome of which job it is about. */
function keyOf(payload: string): { key?: string } {
  const input = JSON.parse(payload) as { key?: string; event?: string; job?: { id: string } }
  const key = input.key ?? (input.job === undefined ? undefined : `${input.job.id} ${input.event}`)
  return key === undefined ? {} : { key }
}
