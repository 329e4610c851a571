import type { JobId } from '../contract/job.ts'
import type { Cancellation, CancelRequest, Operator, PurgeRequest } from '../contract/operator.ts'
import { ADMISSION } from './limits.ts'
import { State, type Row } from './row.ts'
import type { Space } from './space.ts'

/** Acts on the jobs of a space for one backend, which is asked by `check` whether it is open. */
export class MemoryOperator implements Operator {
  readonly #space: Space
  readonly #check: () => void

  constructor(space: Space, check: () => void) {
    this.#space = space
    this.#check = check
  }

  /** @throws BackendError `invalid` or `too-large` when a follow-up can never be accepted; nothing is cancelled then. */
  async cancel(requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
    this.#begin()
    for (const { id, then } of requests) {
      const refused = ADMISSION.refuseFollowers(then, id)
      if (refused !== undefined) throw refused
    }
    const answers = requests.map((request) => this.#cancel(request))
    this.#space.end(requests.length)
    return answers
  }

  async retry(ids: readonly JobId[]): Promise<readonly boolean[]> {
    this.#begin()
    const answers = ids.map((id) => {
      const row = this.#space.record(id)
      return row !== undefined && this.#retry(row)
    })
    this.#space.end(ids.length)
    return answers
  }

  async remove(ids: readonly JobId[]): Promise<readonly boolean[]> {
    this.#begin()
    const answers = ids.map((id) => {
      const row = this.#space.record(id)
      if (row === undefined || row.state === State.active) return false
      this.#space.remove(row)
      return true
    })
    this.#space.end(ids.length)
    return answers
  }

  async pause(name: string): Promise<void> {
    this.#begin()
    const queue = this.#space.ensureQueue(name)
    queue.paused = true
    this.#space.waiting.stir(queue)
    this.#space.end(0)
  }

  async resume(name: string): Promise<void> {
    this.#begin()
    const queue = this.#space.queue(name)
    if (queue === undefined) return
    queue.paused = false
    this.#space.outbox?.resume(queue, this.#space.now)
    this.#space.waiting.stir(queue)
    this.#space.end(0)
    this.#space.dropIfIdle(queue)
  }

  async purge(request: PurgeRequest): Promise<number> {
    this.#begin()
    const queue = this.#space.upToDate(request.queue)
    if (queue === undefined) return 0
    let removed = 0
    for (const row of queue.ledger.rows(State[request.state])) {
      if (removed >= request.limit) break
      this.#space.remove(row)
      removed++
    }
    this.#space.end(removed)
    return removed
  }

  #cancel({ id, keep, then }: CancelRequest): Cancellation {
    const row = this.#space.record(id)
    if (row === undefined) return 'not-found'
    if (row.finished) return 'finished'
    if (row.state === State.active) {
      row.own.cancelRequested = true
      return 'requested'
    }
    row.queue.displace(row)
    this.#space.finish(row, 'cancelled', keep)
    for (const job of then ?? []) this.#space.add(job)
    return 'cancelled'
  }

  #retry(row: Row): boolean {
    const { queue } = row
    queue.promote(this.#space.now)
    if (row.state === State.scheduled) {
      queue.displace(row)
    } else if (row.finished) {
      const key = row.extra.uniqueKey
      const holder = key === undefined ? undefined : queue.holder(key, this.#space.now)
      if (holder !== undefined && holder !== row) return false
      this.#space.revive(row)
    } else {
      return false
    }
    this.#space.postpone(row, 0)
    return true
  }

  #begin(): void {
    this.#check()
    this.#space.begin()
  }
}
