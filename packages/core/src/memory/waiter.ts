import type { ClaimRequest } from '../contract/backend.ts'
import type { ClaimedJob, Ms } from '../contract/job.ts'
import type { Clock } from '../time/clock.ts'
import type { Queue } from './queue.ts'

/** A claim that waits for its first job. It ends once: with jobs, or without when its time is over, its signal aborts or its backend closes. */
export class Waiter {
  readonly queue: Queue
  readonly limit: number
  readonly lease: Ms
  /** Resolves with what it ended with. */
  readonly ended: Promise<readonly ClaimedJob[]>
  readonly #signal: AbortSignal
  readonly #leave: (waiter: Waiter) => void
  readonly #stopTimer: () => void
  #resolve!: (jobs: readonly ClaimedJob[]) => void

  /** `leave` is called once, when it ends. */
  constructor(queue: Queue, request: ClaimRequest, signal: AbortSignal, clock: Clock, leave: (waiter: Waiter) => void) {
    this.queue = queue
    this.limit = request.limit
    this.lease = request.lease
    this.#signal = signal
    this.#leave = leave
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
    signal.addEventListener('abort', this.#giveUp)
    this.#stopTimer = clock.schedule(request.wait, this.#giveUp)
  }

  end(jobs: readonly ClaimedJob[]): void {
    this.#stopTimer()
    this.#signal.removeEventListener('abort', this.#giveUp)
    this.#leave(this)
    this.#resolve(jobs)
  }

  readonly #giveUp = (): void => this.end([])
}
