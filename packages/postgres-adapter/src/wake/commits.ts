import type { Ms } from '@jobport/core/adapter'
import type { Line, Statement } from '../connection/session.ts'
import { statement } from '../connection/statements.ts'
import { textArray } from '../wire/array.ts'

/** Between two looks: soon at first, since most transactions are short. */
const FIRST: Ms = 2
const LONGEST: Ms = 250
/** Whoever waits for the jobs of a transaction this long looks by itself. */
const GIVE_UP: Ms = 600_000

interface Awaited {
  readonly since: number
  readonly callbacks: (() => void)[]
}

/**
 * Finds out when transactions of the caller have been committed. A NOTIFY inside of them would be simpler, but takes a lock on all of the database when they commit, and
 * could make them fail.
 */
export class Commits {
  readonly #line: Line
  readonly #status: Statement
  readonly #awaited = new Map<string, Awaited>()
  #timer: NodeJS.Timeout | undefined
  #pause: Ms = FIRST

  constructor(line: Line, schema: string) {
    this.#line = line
    this.#status = statement(schema, 'status', 'select x, pg_xact_status(x::xid8) from unnest($1::text[]) x')
  }

  then(transaction: string, callback: () => void): void {
    const known = this.#awaited.get(transaction)
    if (known !== undefined) known.callbacks.push(callback)
    else this.#awaited.set(transaction, { since: performance.now(), callbacks: [callback] })
    this.#pause = FIRST
    clearTimeout(this.#timer)
    this.#lookLater()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#awaited.clear()
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#pause).unref()
    this.#pause = Math.min(LONGEST, this.#pause * 2)
  }

  async #look(): Promise<void> {
    try {
      for (const [transaction, status] of await this.#line.ask(this.#status, [textArray([...this.#awaited.keys()])])) {
        if (status !== 'in progress') this.#over(transaction, status !== 'aborted')
      }
    } catch {
      // The server is away: whoever waits will look by itself.
    }
    for (const [transaction, { since }] of this.#awaited) {
      if (performance.now() - since > GIVE_UP) this.#awaited.delete(transaction)
    }
    clearTimeout(this.#timer)
    if (this.#awaited.size > 0) this.#lookLater()
  }

  #over(transaction: string, committed: boolean): void {
    const awaited = this.#awaited.get(transaction)
    this.#awaited.delete(transaction)
    if (committed) for (const callback of awaited?.callbacks ?? []) callback()
  }
}
