import type { FinalState, Finished } from '@jobport/core/adapter'
import type { Connection, Row } from '../connection/connection.ts'
import endingsSince from '../sql/endings-since.sql'
import lastEnding from '../sql/last-ending.sql'

export type Listener = (finished: readonly Finished[]) => void

/** Endings that are read at once. */
const PAGE = 100

const STATES: Readonly<Record<number, FinalState>> = { 3: 'completed', 4: 'dead', 5: 'cancelled' }

/**
 * Those who want to know which jobs finish. They follow the log of endings, whose numbers are in the order of the commits since SQLite has
 * one writer at a time; so nothing is missed or told twice, whichever process wrote it.
 */
export class Watchers {
  readonly #listeners = new Set<{ readonly listener: Listener }>()
  readonly #on: Connection
  readonly #warn: (message: string) => void
  #seen = 0

  constructor(on: Connection, warn: (message: string) => void) {
    this.#on = on
    this.#warn = warn
  }

  get size(): number {
    return this.#listeners.size
  }

  /** Tells a listener of all that finishes from now on. */
  add(listener: Listener): () => void {
    if (this.#listeners.size > 0) this.look()
    else this.#seen = this.#on.value(lastEnding)
    const entry = { listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  clear(): void {
    this.#listeners.clear()
  }

  /** Tells what has finished since the last look. */
  look(): void {
    while (this.#listeners.size > 0) {
      const endings = this.#on.all(endingsSince, this.#seen, PAGE)
      if (endings.length === 0) return
      this.#seen = endings.at(-1)![0]
      this.#tell(endings.flatMap(finishedJobs))
      if (endings.length < PAGE) return
    }
  }

  #tell(finished: readonly Finished[]): void {
    // One that is added meanwhile is told of what comes later.
    const listeners = [...this.#listeners]
    for (const { listener } of listeners) {
      try {
        const answer: unknown = listener(finished)
        if (answer instanceof Promise) answer.catch(this.#complain)
      } catch (error) {
        this.#complain(error)
      }
    }
  }

  readonly #complain = (error: unknown): void => {
    this.#warn(`sqlite: a listener of watch() failed, which changes nothing for others: ${describe(error)}`)
  }
}

function finishedJobs([, queue, state, present, removed]: Row): Finished[] {
  const ids: string[] = [...JSON.parse(present), ...(removed === null ? [] : JSON.parse(removed))]
  return ids.map((id) => ({ id, queue, state: STATES[state]! }))
}

function describe(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that cannot be shown'
  }
}
