import type { Row, State } from './row.ts'

const PAGE_SIZE = 1024

/** Rows that were enqueued one after the other, and how many of them are in each state. */
export class Page {
  readonly rows: (Row | undefined)[] = []
  readonly counts = [0, 0, 0, 0, 0, 0]
  readonly number: number
  records = 0

  constructor(number: number) {
    this.number = number
  }
}

/**
 * The records of a queue in the order of enqueueing. Pages know how many rows of each state they hold, so that counting costs a
 * look at each page, and listing one state skips the pages without it, however many jobs there are.
 */
export class Ledger {
  readonly #pages = new Map<number, Page>()
  #last: Page | undefined = undefined
  /** The number of the next row. */
  sequence = 0

  add(row: Row): void {
    const number = Math.floor(row.sequence / PAGE_SIZE)
    let page = this.#last
    if (page === undefined || page.number !== number) {
      page = new Page(number)
      this.#pages.set(number, page)
      this.#last = page
    }
    page.rows[row.sequence % PAGE_SIZE] = row
    page.counts[row.state]!++
    page.records++
    row.page = page
  }

  /** Takes the record out; what is left of the row is no concern of the ledger any more. */
  remove(row: Row): void {
    const page = row.page!
    page.rows[row.sequence % PAGE_SIZE] = undefined
    page.counts[row.state]!--
    page.records--
    row.page = undefined
    if (page.records > 0) return
    this.#pages.delete(page.number)
    if (page === this.#last) this.#last = undefined
  }

  get empty(): boolean {
    return this.#pages.size === 0
  }

  count(state: State): number {
    let sum = 0
    for (const page of this.#pages.values()) sum += page.counts[state]!
    return sum
  }

  /** The rows of a state from a sequence number on, oldest first. The one just given out may be removed. */
  *rows(state: State, from = 0): Generator<Row, void> {
    for (const page of this.#pages.values()) {
      if (page.counts[state] === 0 || (page.number + 1) * PAGE_SIZE <= from) continue
      for (const row of page.rows) if (row !== undefined && row.state === state && row.sequence >= from) yield row
    }
  }
}

/** Notes in the ledger that a row changes its state. */
export function changeState(row: Row, state: State): void {
  const counts = row.page!.counts
  counts[row.state]!--
  counts[state]!++
  row.state = state
}
