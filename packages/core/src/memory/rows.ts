import type { JobId } from '../contract/job.ts'
import type { Row } from './row.ts'

/** Characters of a UUID. */
const MINTED_LENGTH = 36

const PAGE_SIZE = 256

type Page = Row[]

/**
 * All rows by their ids. Ids that core mints grow, so most rows are appended to a sorted list, kept in pages, which needs neither a hash nor
 * a look at those that are there: a map of a million ids would take a third of the time of an enqueue. Other ids have a map.
 */
export class Rows {
  readonly #pages: Page[] = []
  readonly #others = new Map<JobId, Row>()
  /** The greatest id that was ever in a page. */
  #newest: JobId = ''
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: JobId): Row | undefined {
    if (this.#isNewest(id)) return undefined
    const page = this.#pages[lastUpTo(id, this.#pages, firstId)]
    const row = page?.[lastUpTo(id, page, idOf)]
    return row?.id === id ? row : this.#others.get(id)
  }

  /** Adds a row whose id is not there. */
  add(row: Row): void {
    this.#size++
    if (!this.#isNewest(row.id)) {
      this.#others.set(row.id, row)
      return
    }
    this.#newest = row.id
    const last = this.#pages.at(-1)
    if (last === undefined || last.length === PAGE_SIZE) this.#pages.push([row])
    else last.push(row)
  }

  /** Removes a row that is there. */
  remove(row: Row): void {
    this.#size--
    const at = lastUpTo(row.id, this.#pages, firstId)
    const page = this.#pages[at]
    const index = page === undefined ? -1 : lastUpTo(row.id, page, idOf)
    if (page?.[index] !== row) {
      this.#others.delete(row.id)
      return
    }
    page.splice(index, 1)
    if (page.length === 0) this.#pages.splice(at, 1)
  }

  /** No id in a page is as great, and none of its length in the map either: it would have come late even when it came. */
  #isNewest(id: JobId): boolean {
    return id.length === MINTED_LENGTH && id > this.#newest
  }
}

const idOf = (row: Row): JobId => row.id
const firstId = (page: Page): JobId => page[0]!.id

/** Where the last item is whose id is not greater; -1 when all are. */
function lastUpTo<Item>(id: JobId, sorted: readonly Item[], idOf: (item: Item) => JobId): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (idOf(sorted[middle]!) > id) high = middle
    else low = middle + 1
  }
  return low - 1
}
