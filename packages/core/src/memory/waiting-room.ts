import type { ClaimRequest } from '../contract/backend.ts'
import type { Queue } from './queue.ts'
import type { Space } from './space.ts'
import { Waiter } from './waiter.ts'

/**
 * Where claims wait, each queue's in the order in which they came. They are served when a verb ends that changed something for them, and by
 * one timer a queue when time alone changes something: a job falls due, or a lease ends.
 */
export class WaitingRoom {
  readonly #space: Space
  #stirred: Queue[] = []

  constructor(space: Space) {
    this.#space = space
  }

  /** Lets a claim wait. `leave` is called when it has ended. */
  enter(queue: Queue, request: ClaimRequest, signal: AbortSignal, leave: (waiter: Waiter) => void): Waiter {
    const waiter = new Waiter(queue, request, signal, this.#space.clock, () => {
      queue.waiters.delete(waiter)
      if (queue.waiters.size === 0) this.#disarm(queue)
      this.#space.dropIfIdle(queue)
      leave(waiter)
    })
    queue.waiters.add(waiter)
    this.#arm(queue)
    return waiter
  }

  /** Has a queue looked at when the verb ends. */
  stir(queue: Queue): void {
    if (queue.stirred || queue.waiters.size === 0) return
    queue.stirred = true
    this.#stirred.push(queue)
  }

  /** Gives what there is to those who wait for it. */
  serve(): void {
    if (this.#stirred.length === 0) return
    const stirred = this.#stirred
    this.#stirred = []
    for (const queue of stirred) {
      queue.stirred = false
      for (const waiter of queue.waiters) {
        const jobs = this.#space.take(queue, waiter.limit, waiter.lease)
        if (jobs.length === 0) break
        waiter.end(jobs)
      }
      if (queue.waiters.size > 0) this.#arm(queue)
    }
  }

  #arm(queue: Queue): void {
    const next = queue.paused ? Infinity : queue.nextEvent
    if (next === queue.alarm) return
    this.#disarm(queue)
    if (next === Infinity) return
    queue.alarm = next
    queue.disarm = this.#space.clock.schedule(this.#space.until(next), () => {
      queue.alarm = Infinity
      queue.disarm = undefined
      this.#space.begin()
      this.stir(queue)
      this.#space.end(0)
    })
  }

  #disarm(queue: Queue): void {
    queue.disarm?.()
    queue.disarm = undefined
    queue.alarm = Infinity
  }
}
