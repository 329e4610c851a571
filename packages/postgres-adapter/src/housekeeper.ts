import type { Ms } from '@jobport/core/adapter'
import { statement, type Statements } from './connection/statements.ts'
import type { Line, Row, Statement } from './connection/session.ts'
import type { Settings } from './options.ts'

/** Batches of finished jobs that leave in one call. */
const BATCHES = 20
/** A process vacuums at most so often. */
const PAUSE: Ms = 1_000
/** So many jobs have to pass through this process first: their dead rows are worth the look. */
const WORTH = 5_000
/** As many rows that were dropped for good. Vacuuming their tables means reading large indexes. */
const WORTH_MORE = 50_000

/**
 * Drops what nobody needs any more, and vacuums under load: in the background of calls, never on a timer, and never twice at once. Autovacuum comes once a minute at
 * best, and a queue makes a million dead rows in ten seconds.
 */
export class Housekeeper {
  readonly #line: Line
  readonly #statements: Statements
  readonly #vacuums: boolean
  /** The tables from which rows go as fast as they come, and those from which they go when their time is over. */
  readonly #hot: Statement
  readonly #cold: Statement
  #busy: Promise<void> | undefined
  #cleanAt = 0
  #vacuumAt = 0
  #passed = 0
  #dropped = 0

  constructor(line: Line, { schema, vacuum, isStore }: Settings, statements: Statements) {
    this.#line = line
    this.#statements = statements
    this.#vacuums = vacuum
    this.#hot = vacuumOf(schema, 'hot', ['ready', 'leases', 'later', 'held', ...(isStore ? ['unsent'] : [])])
    this.#cold = vacuumOf(schema, 'cold', ['jobs', 'endings'])
  }

  /** So many jobs have passed through a call. */
  count(jobs: number): void {
    this.#passed += jobs
    if (this.#busy !== undefined) return
    const now = performance.now()
    const cleans = now >= this.#cleanAt
    const vacuums = this.#vacuums && this.#passed >= WORTH && now >= this.#vacuumAt
    if (cleans || vacuums) this.#busy = this.#work(cleans, vacuums).finally(() => (this.#busy = undefined))
  }

  /** Lets what has begun come to its end. */
  close(): Promise<void> {
    return this.#busy ?? Promise.resolve()
  }

  async #work(cleans: boolean, vacuums: boolean): Promise<void> {
    try {
      if (cleans) await this.#clean()
      if (vacuums) await this.#vacuum()
    } catch {
      // A verb that matters will meet the same trouble, and report it.
      this.#cleanAt = this.#vacuumAt = performance.now() + PAUSE
    }
  }

  async #clean(): Promise<void> {
    const [row] = await this.#line.ask(this.#statements.clean, [BATCHES])
    const [moment, again, dropped] = row as Row
    this.#dropped += Number(dropped)
    this.#cleanAt = performance.now() + Math.max(0, Number(again) - Number(moment))
  }

  async #vacuum(): Promise<void> {
    const start = performance.now()
    this.#passed = 0
    this.#vacuumAt = start + PAUSE
    const [row] = await this.#line.ask(this.#statements.mayVacuum, [])
    if (row![0] !== 't') return
    await this.#line.ask(this.#hot, [])
    if (this.#dropped >= WORTH_MORE) {
      this.#dropped = 0
      await this.#line.ask(this.#cold, [])
    }
    this.#vacuumAt = performance.now() + Math.max(PAUSE, 2 * (performance.now() - start))
  }
}

function vacuumOf(schema: string, name: string, tables: readonly string[]): Statement {
  const list = tables.map((table) => `jobport.${table}`).join(', ')
  return statement(schema, `vacuum ${name}`, `vacuum (skip_locked, truncate off) ${list}`)
}
