import type { Row, Tick } from '../row.ts'
import { Heap } from './heap.ts'
import { List } from './list.ts'

/** How many milliseconds share a slot. */
const WIDTH = 100

/** Rows that have to leave within the same short span; swept once that is over. */
class Slot extends List<Row> {
  readonly end: Tick
  index = -1

  constructor(end: Tick) {
    super()
    this.end = end
  }
}

/**
 * What has to leave some time: finished rows and tombstones, in slots of time. Adding and sweeping cost the same however many rows
 * there are and however long each is kept. A row may be swept up to one slot late; nobody sees it by then.
 */
export class Retention {
  readonly #slots = new Map<Tick, Slot>()
  readonly #order = new Heap<Slot>((a, b) => a.end < b.end)
  readonly #expire: (row: Row) => void
  #recent: Slot | undefined = undefined

  /** `expire` is told of each row whose time is over; it may add the row again. */
  constructor(expire: (row: Row) => void) {
    this.#expire = expire
  }

  /** Lets the row leave at `row.until`. */
  add(row: Row): void {
    if (row.until === Infinity) return
    const end = Math.ceil(row.until / WIDTH) * WIDTH
    if (this.#recent?.end !== end) this.#recent = this.#slots.get(end) ?? this.#open(end)
    this.#recent.append(row)
  }

  remove(row: Row): void {
    row.list?.remove(row)
  }

  /** Lets up to `most` rows leave whose slots are over. */
  sweep(now: Tick, most: number): void {
    for (let left = most; left > 0;) {
      const slot = this.#order.first
      if (slot === undefined || slot.end > now) return
      const row = slot.head
      if (row === undefined) {
        this.#close(slot)
      } else {
        slot.remove(row)
        this.#expire(row)
        left--
      }
    }
  }

  /** Lets every row leave whose time is over, to the millisecond. */
  sweepAll(now: Tick): void {
    this.sweep(now, Infinity)
    const slot = this.#slots.get(Math.ceil(now / WIDTH) * WIDTH)
    for (let row = slot?.head; row !== undefined;) {
      const next: Row | undefined = row.next
      if (row.until <= now) {
        slot!.remove(row)
        this.#expire(row)
      }
      row = next
    }
  }

  #open(end: Tick): Slot {
    const slot = new Slot(end)
    this.#slots.set(end, slot)
    this.#order.add(slot)
    return slot
  }

  #close(slot: Slot): void {
    this.#order.remove(slot)
    this.#slots.delete(slot.end)
    if (this.#recent === slot) this.#recent = undefined
  }
}
