import type { Backend } from '../contract/backend.ts'
import type { Ms } from '../contract/job.ts'
import type { Extended } from '../contract/settlement.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { JobCancelledError, JobTimeoutError, LeaseLostError } from '../errors/job-error.ts'
import type { Run } from './run.ts'
import type { Settings } from './options.ts'

/** A job that was claimed ahead and has not been started for so long goes back: the work before it is slower than it looked. */
const STALE: Ms = 250

export interface KeeperEvents {
  /** A handler was told to stop and has had its time to do so. */
  readonly onAbandon: (run: Run) => void
  /** The lease of a job that was not started yet is lost. */
  readonly onLostUnstarted: (run: Run) => void
  /** Jobs that were claimed ahead have waited too long. */
  readonly onStale: () => void
  readonly onError: (error: unknown) => void
}

/**
 * Watches over all leases, timeouts and patience of a worker with a single timer: heartbeats for many jobs leave in one call, and a job that ends
 * within a third of its lease costs none.
 */
export class Keeper {
  readonly #backend: Backend
  readonly #settings: Settings
  readonly #events: KeeperEvents
  /** Each knows its place. In a set, what was taken out would stay in memory for long: its old tables keep all that was in them, and those after them. */
  readonly #held: Run[] = []
  #nextLook: Ms = Infinity
  #cancel: (() => void) | undefined

  constructor(backend: Backend, settings: Settings, events: KeeperEvents) {
    this.#backend = backend
    this.#settings = settings
    this.#events = events
  }

  get size(): number {
    return this.#held.length
  }

  /** Those that are held when this is asked for, whatever becomes of them meanwhile. */
  [Symbol.iterator](): Iterator<Run> {
    return this.#held.slice()[Symbol.iterator]()
  }

  hold(run: Run): void {
    run.place = this.#held.push(run) - 1
    this.#lookAt(Math.min(run.terms.beat, run.haul.since + STALE))
  }

  drop(run: Run): void {
    const { place } = run
    if (place === undefined) return
    run.place = undefined
    const last = this.#held.pop()!
    if (last === run) return
    this.#held[place] = last
    last.place = place
  }

  started(run: Run): void {
    this.#lookAt(run.terms.timeoutAt)
  }

  /** Tells the handler to stop. */
  abort(run: Run, reason: Error): void {
    run.abort(reason, this.#settings.runtime.clock.now() + this.#settings.abortGrace)
    this.#lookAt(run.terms.abandonAt)
  }

  stop(): void {
    this.#cancel?.()
    this.#nextLook = Infinity
  }

  #lookAt(time: Ms): void {
    if (time >= this.#nextLook) return
    this.#cancel?.()
    this.#nextLook = time
    const { clock } = this.#settings.runtime
    this.#cancel = clock.schedule(time - clock.now(), this.#look)
  }

  readonly #look = (): void => {
    const now = this.#settings.runtime.clock.now()
    const due: Run[] = []
    let next = Infinity
    let stale = false
    this.#nextLook = Infinity
    for (const run of this) {
      if (run.place === undefined) continue
      if (run.state === 'ready') {
        stale ||= run.haul.since + STALE <= now
        next = Math.min(next, Math.max(now, run.haul.since) + STALE)
      }
      if (run.terms.deadline <= now && !run.lost) this.#lose(run)
      else if (run.terms.beat <= now && !run.lost) {
        run.change({ beat: now + this.#settings.lease / 3 })
        due.push(run)
      }
      if (run.terms.timeoutAt <= now) this.#timeOut(run)
      if (run.terms.abandonAt <= now) this.#events.onAbandon(run)
      if (run.place !== undefined) next = Math.min(next, this.#nextOf(run, now))
    }
    if (due.length > 0) void this.#extend(due, now)
    if (next < Infinity) this.#lookAt(next)
    if (stale) this.#events.onStale()
  }

  #nextOf(run: Run, now: Ms): Ms {
    const { beat, deadline, timeoutAt, abandonAt } = run.terms
    const isKept = run.aborted === undefined && !run.lost
    return Math.min(
      beat > now ? beat : Infinity,
      isKept ? deadline : Infinity,
      timeoutAt > now ? timeoutAt : Infinity,
      abandonAt,
    )
  }

  #timeOut(run: Run): void {
    run.change({ timeoutAt: Infinity })
    this.abort(run, new JobTimeoutError(run.claimed.lease.id, run.policy.timeout!))
  }

  #lose(run: Run): void {
    if (run.state === 'ready') this.#events.onLostUnstarted(run)
    else this.abort(run, new LeaseLostError(run.claimed.lease.id, run.claimed.attempt))
  }

  async #extend(runs: readonly Run[], now: Ms): Promise<void> {
    const { lease } = this.#settings
    const { settleBatch } = this.#backend.limits
    const calls = Array.from({ length: Math.ceil(runs.length / settleBatch) }, async (_, index) => {
      const batch = runs.slice(index * settleBatch, (index + 1) * settleBatch)
      try {
        const replies = await this.#backend.extend(
          batch.map((run) => run.claimed.lease),
          lease,
        )
        batch.forEach((run, at) => this.#extended(run, replies[at]!, now))
      } catch (error) {
        this.#events.onError(error)
        for (const run of batch) this.#beatSoon(run)
      }
    })
    await Promise.all(calls)
  }

  #extended(run: Run, reply: Extended, sentAt: Ms): void {
    if (run.state === 'ended') return
    if (isBackendFailure(reply)) {
      this.#events.onError(reply)
      this.#beatSoon(run)
      return
    }
    if (reply === 'lost') {
      run.lost = true
      this.#lose(run)
      return
    }
    const { lease, margin } = this.#settings
    if (reply === 'unknown') {
      // It was held when that was said, which is enough until the next answers: a transaction that settles it may be open for longer than its lease.
      run.change({ deadline: Math.max(run.terms.deadline, sentAt + lease / 4) })
      this.#beatSoon(run)
      return
    }
    run.change({ deadline: sentAt + lease - margin })
    if (reply === 'cancelled' && run.state === 'running') this.abort(run, new JobCancelledError(run.claimed.lease.id))
  }

  #beatSoon(run: Run): void {
    const beat = Math.min(run.terms.beat, this.#settings.runtime.clock.now() + this.#settings.lease / 12)
    run.change({ beat })
    this.#lookAt(beat)
  }
}
