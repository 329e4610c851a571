import type { Health, Ms } from '@jobport/core/adapter'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { Settings } from '../options.ts'
import beginRead from '../sql/begin-read.sql'
import beginWrite from '../sql/begin-write.sql'
import commit from '../sql/commit.sql'
import rollback from '../sql/rollback.sql'
import time from '../sql/time.sql'
import { Transaction } from '../verbs/transaction.ts'
import { connect, disconnect, pathOf } from './open.ts'
import type { Connection } from './connection.ts'
import { failure, isBusy } from './failure.ts'
import { migrate, STEPS, STORE_STEPS } from './migrate.ts'

/** From opening to closing: the connection, and how transactions run on it. */
export class Session {
  readonly on: Connection
  /** The file, without symbolic links; empty in memory. */
  readonly path: string
  readonly #settings: Settings
  readonly #running = new Set<Promise<unknown>>()

  private constructor(on: Connection, settings: Settings) {
    this.on = on
    this.path = pathOf(on)
    this.#settings = settings
  }

  /** @throws BackendError */
  static async open(settings: Settings, store = false): Promise<Session> {
    const on = await persist(settings, () => connect(settings))
    try {
      const session = new Session(on, settings)
      await session.write(({ on: connection }) => migrate(connection, store ? STORE_STEPS : STEPS))
      return session
    } catch (error) {
      if (settings.database === undefined) disconnect(on)
      throw failure(error)
    }
  }

  /** Lets running calls finish first. */
  async close(): Promise<void> {
    await Promise.all(this.#running)
    if (this.#settings.database === undefined) disconnect(this.on)
  }

  /** Whether the caller has a transaction open on a connection of its own. */
  get inTransaction(): boolean {
    return this.#settings.database !== undefined && this.on.inTransaction === true
  }

  /**
   * Runs `body` in a transaction that is committed when it returns. While another connection holds the lock it is tried again, without
   * stopping the event loop.
   * @throws BackendError
   */
  write<T>(body: (tx: Transaction) => T, signal?: AbortSignal): Promise<T> {
    return this.#track(persist(this.#settings, () => this.#transact(beginWrite, body), signal))
  }

  /** As `write`, for what only reads: one state of the file for all statements, and no lock. */
  read<T>(body: (tx: Transaction) => T): Promise<T> {
    return this.#track(persist(this.#settings, () => this.#transact(beginRead, body)))
  }

  /** One statement that only reads. */
  ask<T>(body: () => T, signal?: AbortSignal): Promise<T> {
    return this.#track(persist(this.#settings, body, signal))
  }

  /** As `ask`, but at once; `undefined` when the file is locked. */
  attempt<T>(body: () => T): T | undefined {
    try {
      return body()
    } catch (error) {
      if (isBusy(error)) return undefined
      throw failure(error)
    }
  }

  health(): Omit<Health, 'reachable'> {
    const version: string = this.on.value('select sqlite_version()')
    if (this.path === '') {
      return {
        durability: 'none',
        version,
        warnings: ['All jobs are lost when this process ends; give `file` a path where that matters.'],
      }
    }
    const synchronous: number = this.on.value('pragma synchronous')
    if (synchronous >= 2) return { durability: 'fsync', version, warnings: [] }
    const warning = `synchronous is ${synchronous === 1 ? 'normal' : 'off'}: a power cut may take the last accepted jobs along; use synchronous 'full' where that matters.`
    return { durability: 'async', version, warnings: [warning] }
  }

  #transact<T>(begin: string, body: (tx: Transaction) => T): T {
    const { on } = this
    on.run(begin)
    try {
      const result = body(new Transaction(on, on.value(time)))
      on.run(commit)
      return result
    } catch (error) {
      // A full disk or a lost connection has ended the transaction already.
      try {
        on.run(rollback)
      } catch {}
      throw error
    }
  }

  #track<T>(call: Promise<T>): Promise<T> {
    const running = call.then(nothing, nothing)
    this.#running.add(running)
    void running.then(() => this.#running.delete(running))
    return call
  }
}

const nothing = (): void => {}

/** A commit takes some milliseconds at most, and a busy writer leaves the lock for microseconds: asked at every turn for so long. */
const EAGER: Ms = 10

/** Then less and less often, as it may be a long transaction. */
const PATIENT: Ms = 500

/** Tries again while the file is locked. */
async function persist<T>(settings: Settings, attempt: () => T, signal?: AbortSignal): Promise<T> {
  const start = performance.now()
  for (let tries = 1; ; tries++) {
    try {
      return attempt()
    } catch (error) {
      const waited = performance.now() - start
      if (!isBusy(error) || signal?.aborted === true || waited >= settings.busyTimeout) throw failure(error)
      if (waited < EAGER || tries % 8 !== 0) await setImmediate()
      else await setTimeout(waited < PATIENT ? 1 : 5)
    }
  }
}
