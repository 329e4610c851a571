import type { Ms } from '../../contract/job.ts'
import type { Row, Tick } from '../row.ts'
import { List } from './list.ts'

/**
 * Active rows by the end of their lease. Leases of equal length end in the order in which they began, so each length has a list, and a
 * look at the heads finds the first of all; a lower bound of the next end makes even that look rare.
 */
export class Leases {
  readonly #lists = new Map<Ms, List<Row>>()
  #recent = new List<Row>()
  #recentLength: Ms = -1
  #bound: Tick = Infinity

  /** No lease ends earlier. */
  get bound(): Tick {
    return this.#bound
  }

  /** Begins a lease that ends at `row.until`. */
  add(row: Row, length: Ms): void {
    if (length !== this.#recentLength) {
      let list = this.#lists.get(length)
      if (list === undefined) this.#lists.set(length, (list = new List()))
      this.#recent = list
      this.#recentLength = length
    }
    this.#recent.append(row)
    if (row.until < this.#bound) this.#bound = row.until
  }

  remove(row: Row): void {
    row.list!.remove(row)
  }

  /** The row whose lease ran out first. */
  expired(now: Tick): Row | undefined {
    if (now < this.#bound) return undefined
    let first: Row | undefined
    for (const [length, { head }] of this.#lists) {
      if (head === undefined) this.#drop(length)
      else if (first === undefined || head.until < first.until) first = head
    }
    this.#bound = first === undefined ? Infinity : first.until
    return this.#bound <= now ? first : undefined
  }

  #drop(length: Ms): void {
    this.#lists.delete(length)
    if (length === this.#recentLength) this.#recentLength = -1
  }
}
