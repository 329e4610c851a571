import { Listeners, type FinalState, type Finished, type FinishedListener } from '@jobport/core/adapter'
import type { Connection, Row } from '../connection/connection.ts'
import endingsSince from '../sql/endings-since.sql'
import { NAME } from '../limits.ts'
import lastEnding from '../sql/last-ending.sql'

/** Endings that are read at once. */
const PAGE = 100

const STATES: Readonly<Record<number, FinalState>> = { 3: 'completed', 4: 'dead', 5: 'cancelled' }

/**
 * Those who want to know which jobs finish. They follow the log of endings, whose numbers are in the order of the commits since SQLite has
 * one writer at a time; so nothing is missed or told twice, whichever process wrote it.
 */
export class Watchers {
  readonly #listeners: Listeners
  readonly #on: Connection
  #seen = 0

  constructor(on: Connection, warn: (message: string) => void) {
    this.#on = on
    this.#listeners = new Listeners(NAME, warn)
  }

  get size(): number {
    return this.#listeners.size
  }

  /** Tells a listener of all that finishes from now on. */
  add(listener: FinishedListener): () => void {
    if (this.#listeners.size > 0) this.look()
    else this.#seen = this.#on.value(lastEnding)
    return this.#listeners.add(listener)
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
      this.#listeners.tell(endings.flatMap(finishedJobs))
      if (endings.length < PAGE) return
    }
  }
}

function finishedJobs([, queue, state, present, removed]: Row): Finished[] {
  const ids: string[] = [...JSON.parse(present), ...(removed === null ? [] : JSON.parse(removed))]
  return ids.map((id) => ({ id, queue, state: STATES[state]! }))
}
