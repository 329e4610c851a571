import { Group } from './group.ts'
import { changeState, Ledger } from './ledger.ts'
import { Heap } from './order/heap.ts'
import { Leases } from './order/leases.ts'
import { List } from './order/list.ts'
import { State, type Row, type Tick } from './row.ts'
import type { Waiter } from './waiter.ts'

/**
 * The claimable rows of one priority in the order of enqueueing. New ones come in that order and make a list; those that come late —
 * returned, delayed, or held back by their group — have a heap, mostly empty.
 */
class Line {
  readonly #list = new List<Row>()
  readonly #late = new Heap<Row>((a, b) => a.sequence < b.sequence)

  get first(): Row | undefined {
    const listed = this.#list.head
    const late = this.#late.first
    if (late === undefined) return listed
    return listed === undefined || late.sequence < listed.sequence ? late : listed
  }

  add(row: Row): void {
    const last = this.#list.tail
    if (last === undefined || last.sequence < row.sequence) this.#list.append(row)
    else this.#late.add(row)
  }

  remove(row: Row): void {
    if (row.list === this.#list) this.#list.remove(row)
    else if (row.index >= 0) this.#late.remove(row)
  }
}

/** One queue: its records, and where those that are not finished stand. */
export class Queue {
  readonly name: string
  readonly ledger = new Ledger()
  readonly leases = new Leases()
  /** The holder of each unique key. */
  readonly unique = new Map<string, Row>()
  readonly waiters = new Set<Waiter>()
  paused = false
  /** Rows, tombstones included. */
  size = 0
  /** Ends the timer that serves those who wait, and when that would ring. */
  disarm: (() => void) | undefined = undefined
  alarm: Tick = Infinity
  /** Whether something has changed for those who wait. */
  stirred = false

  readonly #lines: (Line | undefined)[] = []
  readonly #scheduled = new Heap<Row>((a, b) => a.until < b.until || (a.until === b.until && a.sequence < b.sequence))
  readonly #groups = new Map<string, Group>()
  /** No line above is in use. */
  #top = -1

  constructor(name: string) {
    this.name = name
  }

  /** The unfinished job, or the job of the window, that holds a key. */
  holder(key: string, now: Tick): Row | undefined {
    const row = this.unique.get(key)
    return row !== undefined && (!row.finished || now < row.extra.uniqueUntil) ? row : undefined
  }

  /** Lets a finished row take its key along, unless its window lasts or another has it. */
  release(row: Row, now: Tick): void {
    const { uniqueKey: key, uniqueUntil } = row.extra
    if (key !== undefined && now >= uniqueUntil && this.unique.get(key) === row) this.unique.delete(key)
  }

  /** Seats an unfinished row in its group, if it has one. */
  join(row: Row): void {
    const name = row.extra.group
    if (name === undefined) return
    let group = this.#groups.get(name)
    if (group === undefined) this.#groups.set(name, (group = new Group()))
    const displaced = group.join(row)
    if (displaced?.state === State.waiting) this.#line(displaced).remove(displaced)
  }

  /** Frees the seat of a row that is finished or removed, and lets the next of its group start. */
  leave(row: Row): void {
    const { seat } = row.extra
    if (seat === undefined) return
    const next = seat.group.leave(seat)
    if (seat.group.empty) this.#groups.delete(row.extra.group!)
    if (next?.state === State.waiting) this.#enter(next)
  }

  /** Puts a row that is neither active nor finished where it belongs: to wait for its time, or for its turn. */
  place(row: Row, now: Tick): void {
    if (row.until > now) {
      changeState(row, State.scheduled)
      this.#scheduled.add(row)
    } else {
      changeState(row, State.waiting)
      if (row.mayStart) this.#enter(row)
    }
  }

  /** Takes a waiting or scheduled row away from where `place` put it. */
  displace(row: Row): void {
    if (row.state === State.scheduled) this.#scheduled.remove(row)
    else this.#line(row).remove(row)
  }

  /** Scheduled rows that fell due become waiting ones. */
  promote(now: Tick): void {
    for (let row = this.#scheduled.first; row !== undefined && row.until <= now; row = this.#scheduled.first) {
      this.#scheduled.remove(row)
      this.place(row, now)
    }
  }

  /** Takes the claimable row whose turn it is. */
  next(): Row | undefined {
    for (; this.#top >= 0; this.#top--) {
      const line = this.#lines[this.#top]
      const row = line?.first
      if (row === undefined) continue
      line!.remove(row)
      const { seat } = row.extra
      if (seat !== undefined) seat.begun = true
      return row
    }
    return undefined
  }

  /** The next moment at which a row may become claimable by itself; perhaps earlier, never later. */
  get nextEvent(): Tick {
    const scheduled = this.#scheduled.first
    return scheduled === undefined ? this.leases.bound : Math.min(scheduled.until, this.leases.bound)
  }

  /** Whether it can be forgotten. */
  get idle(): boolean {
    return this.size === 0 && !this.paused && this.waiters.size === 0
  }

  #enter(row: Row): void {
    this.#line(row).add(row)
    if (row.priority > this.#top) this.#top = row.priority
  }

  #line(row: Row): Line {
    return (this.#lines[row.priority] ??= new Line())
  }
}
