import { List, type Link } from './order/list.ts'
import type { Row } from './row.ts'

/** The place of an unfinished row in its group. */
export class Seat implements Link<Seat> {
  readonly row: Row
  readonly group: Group
  /** Whether the row was claimed since it took the seat. */
  begun = false
  previous: Seat | undefined = undefined
  next: Seat | undefined = undefined
  list: List<Seat> | undefined = undefined

  constructor(row: Row, group: Group) {
    this.row = row
    this.group = group
  }

  /** Only the head of a group may be claimed. */
  get isHead(): boolean {
    return this.previous === undefined
  }
}

/** The unfinished jobs of a group in the order of enqueueing. The head stays head until it is finished. */
export class Group {
  readonly #seats = new List<Seat>()

  get empty(): boolean {
    return this.#seats.head === undefined
  }

  /** Seats a row by its order, but never ahead of a head that has begun. Answers the row that was head and is no more. */
  join(row: Row): Row | undefined {
    const head = this.#seats.head
    let senior = this.#seats.tail
    while (senior !== undefined && senior.row.sequence > row.sequence) senior = senior.previous
    if (senior === undefined && head !== undefined && head.begun) senior = head
    const seat = new Seat(row, this)
    row.own.seat = seat
    this.#seats.insertAfter(senior, seat)
    return head !== undefined && !head.isHead ? head.row : undefined
  }

  /** Takes a row out. Answers the row that became head by that. */
  leave(seat: Seat): Row | undefined {
    const next = seat.isHead ? seat.next?.row : undefined
    this.#seats.remove(seat)
    seat.row.own.seat = undefined
    return next
  }
}
