import { Listeners, type FinalState, type Finished, type FinishedListener } from '@jobport/core/adapter'
import { statement } from '../connection/statements.ts'
import type { Line, Row, Statement } from '../connection/session.ts'
import { NAME } from '../limits.ts'
import finishedSql from '../sql/queries/finished.sql'
import { stateOf } from '../wire/record.ts'

/**
 * Those who want to know which jobs finish. They read the rows of the transactions that were not over when they looked last, by the snapshot of that look; so nothing is
 * missed or told twice, in whatever order transactions commit.
 */
export class Watchers {
  readonly #line: Line
  readonly #finished: Statement
  readonly #snapshot: Statement
  readonly #listeners: Listeners
  #seen = ''
  #looking: Promise<void> = Promise.resolve()
  #again: Promise<void> | undefined

  constructor(line: Line, schema: string, warn: (message: string) => void) {
    this.#line = line
    this.#finished = statement(schema, 'finished', finishedSql)
    this.#snapshot = statement(schema, 'snapshot', 'select pg_current_snapshot()::text')
    this.#listeners = new Listeners(NAME, warn)
  }

  get size(): number {
    return this.#listeners.size
  }

  /** Tells a listener of all that finishes from now on. */
  async add(listener: FinishedListener): Promise<() => void> {
    let remove!: () => void
    await this.#inTurn(async () => {
      if (this.#listeners.size > 0) await this.#look()
      else this.#seen = (await this.#line.ask(this.#snapshot, []))[0]![0]
      remove = this.#listeners.add(listener)
    })
    return remove
  }

  clear(): void {
    this.#listeners.clear()
  }

  /** Tells what has finished since the last look. One that was asked for while another is on its way serves all who asked meanwhile. */
  look(): Promise<void> {
    if (this.#listeners.size === 0) return Promise.resolve()
    this.#again ??= this.#inTurn(() => {
      this.#again = undefined
      return this.#look()
    })
    return this.#again
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#looking.then(step)
    this.#looking = done.catch(() => {})
    return done
  }

  async #look(): Promise<void> {
    if (this.#listeners.size === 0) return
    const [, xmax, inProgress] = this.#seen.split(':') as [string, string, string]
    const rows = await this.#line.ask(this.#finished, [xmax, `{${inProgress}}`])
    this.#seen = rows[0]![0]
    const finished = rows.flatMap(finishedJobs)
    if (finished.length > 0) this.#listeners.tell(finished)
  }
}

function finishedJobs([, queue, state, ids]: Row): Finished[] {
  if (queue === null) return []
  const names: string[] = JSON.parse(ids)
  return names.map((id) => ({ id, queue, state: stateOf(Number(state)) as FinalState }))
}
