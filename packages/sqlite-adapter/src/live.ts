import type { ClaimedJob, ClaimRequest, Finished, Health, Ms } from '@jobport/core/adapter'
import { failure } from './connection/failure.ts'
import { Session } from './connection/session.ts'
import type { Settings } from './options.ts'
import dataVersion from './sql/data-version.sql'
import glanceSql from './sql/glance.sql'
import { claim } from './verbs/claim.ts'
import { clean } from './verbs/clean.ts'
import type { Outbox } from './store/outbox.ts'
import type { Transaction } from './verbs/transaction.ts'
import { forgetEmpty, neighbours, type Neighbour } from './wake/hub.ts'
import { Poll } from './wake/poll.ts'
import { Waiters } from './wake/waiters.ts'
import { Watchers } from './wake/watchers.ts'

/**
 * An open backend: a session, and those who wait for what it brings. Commits of this process are passed on at once to all backends on the
 * same file; those of other processes, and of the application's own connections, are noticed by a number that SQLite keeps for each connection.
 */
export class Live implements Neighbour {
  readonly session: Session
  readonly #neighbours: Set<Neighbour>
  readonly #waiters = new Waiters(() => this.#watchOut())
  readonly #watchers: Watchers
  readonly #poll = new Poll(() => this.#notice())
  #version: number
  /** Nothing has to be cleaned up earlier. */
  #cleanAt = 0
  #lookDue = false
  /** Set when the application may have changed something on the connection that it shares with us. */
  #unseen = false
  #closing = false
  readonly #outboxOf: ((tx: Transaction) => Outbox) | undefined

  private constructor(session: Session, settings: Settings, outboxOf: ((tx: Transaction) => Outbox) | undefined) {
    this.session = session
    this.#outboxOf = outboxOf
    this.#watchers = new Watchers(session.on, settings.warn)
    this.#version = session.on.value(dataVersion)
    this.#neighbours = neighbours(session.path)
    this.#neighbours.add(this)
  }

  /** `outboxOf`: of a file that is the memory of a broker. */
  static async open(settings: Settings, outboxOf?: (tx: Transaction) => Outbox): Promise<Live> {
    return new Live(await Session.open(settings, outboxOf !== undefined), settings, outboxOf)
  }

  async close(): Promise<void> {
    this.#closing = true
    this.#neighbours.delete(this)
    forgetEmpty(this.session.path)
    this.#waiters.wake()
    this.#watchers.clear()
    this.#watchOut()
    await this.session.close()
  }

  health(): Health {
    try {
      return { reachable: true, ...this.session.health() }
    } catch (error) {
      return { reachable: false, durability: 'none', warnings: [String(failure(error))] }
    }
  }

  /** Runs a verb in a transaction, cleans a little, and serves those who wait or watch. */
  async write<T>(body: (tx: Transaction) => T, signal?: AbortSignal): Promise<T> {
    let done: Transaction | undefined
    const result = await this.session.write((tx) => {
      tx.outbox = this.#outboxOf?.(tx)
      const answer = body(tx)
      if (tx.now >= this.#cleanAt) this.#cleanAt = clean(tx)
      done = tx
      return answer
    }, signal)
    this.#announce(done!)
    return result
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    if (request.limit <= 0) return []
    const end = performance.now() + request.wait
    for (let first = true; ; first = false) {
      if (signal.aborted || this.#closing) return []
      const glance = this.#glance(request.queue)
      if (glance === undefined) {
        await unlessAborted(
          this.session.ask(() => this.session.on.value(dataVersion), signal),
          signal,
        )
        continue
      }
      if (glance.idle === 0 || (first && glance.now >= this.#cleanAt)) {
        const taking = this.write((tx) => (signal.aborted || this.#closing ? [] : claim(tx, request)), signal)
        const claimed = await unlessAborted(taking, signal)
        if (claimed === undefined) return []
        if (claimed.length > 0 || request.wait === 0) return claimed
        continue
      }
      const left = end - performance.now()
      if (left <= 0) return []
      // No pause between the glance and this, or a job that comes in it would go unnoticed.
      await this.#waiters.wait(request.queue, Math.min(left, glance.idle), signal)
    }
  }

  async watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    const end = await this.session.ask(() => this.#watchers.add(listener))
    this.#watchOut()
    return async () => {
      end()
      this.#watchOut()
    }
  }

  wake(queues?: ReadonlySet<string>): void {
    this.#waiters.wake(queues)
  }

  /** Many commits of one turn are looked at once. */
  look(): void {
    if (this.#lookDue || this.#watchers.size === 0) return
    this.#lookDue = true
    queueMicrotask(() => {
      this.#lookDue = false
      this.#lookNow()
    })
  }

  /** Something was done on the application's connection; whether it is committed shows later. */
  suspect(): void {
    this.#unseen = true
  }

  /** How long until a claim may find something, if nobody does anything: 0 for now, `Infinity` for never. `undefined`: the file is locked just now. */
  #glance(queue: string): { readonly idle: Ms; readonly now: number } | undefined {
    const row = this.session.attempt(() => this.session.on.get(glanceSql, queue)!)
    if (row === undefined) return undefined
    const [now, no, paused, leaseBound, due, ready] = row
    if (no === null || paused === 1) return { idle: Infinity, now }
    if (ready === 1) return { idle: 0, now }
    return { idle: Math.max(0, Math.min(leaseBound ?? Infinity, due ?? Infinity) - now), now }
  }

  #announce({ stirred, finished }: Transaction): void {
    for (const neighbour of this.#neighbours) {
      if (stirred.size > 0) neighbour.wake(stirred)
      if (finished) neighbour.look()
    }
  }

  /** Looks whether anybody else has committed. */
  #notice(): void {
    if (this.session.inTransaction) return
    try {
      const version = this.session.on.value(dataVersion)
      if (version === this.#version && !this.#unseen) return
      this.#version = version
      this.#unseen = false
    } catch {
      // The file is locked for recovery, or in trouble that the next verb will report. The next look is soon.
      return
    }
    this.#waiters.wake()
    this.#lookNow()
  }

  #lookNow(): void {
    if (this.#closing) return
    if (this.session.inTransaction) {
      this.#unseen = true
      return
    }
    try {
      this.#watchers.look()
    } catch {
      this.#unseen = true
    }
  }

  #watchOut(): void {
    const waiting = this.#waiters.size > 0
    this.#poll.set(!this.#closing && (waiting || this.#watchers.size > 0), waiting)
  }
}

/** `undefined` when a call failed after its abort: it was given up, not refused. */
async function unlessAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
