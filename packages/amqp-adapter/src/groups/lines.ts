import type { Ms } from '@jobport/core/adapter'
import type { Delivery } from '../receive/delivery.ts'

/** A delivery in its line. */
export interface Entry {
  readonly delivery: Delivery
  /** From when on it may be claimed, in monotonic time. */
  readonly due: Ms
}

interface Line {
  readonly entries: Entry[]
  /** The first of the group is claimed. */
  isBusy: boolean
  /** The copy of this job is on its way, and comes before all others. */
  awaited: string | undefined
}

/** What has been delivered of several groups: of each, one at a time, in order. A job that returns comes before the others of its group. */
export class Lines {
  readonly #lines = new Map<string, Line>()
  /** The first of each can be claimed. In the order in which they could. */
  readonly #ready = new Set<Line>()
  /** The first of each waits for its retry. */
  readonly #resting = new Set<Line>()

  get hasReady(): boolean {
    return this.#ready.size > 0
  }

  add(entry: Entry): void {
    const { group, id, rest } = entry.delivery.envelope
    const line = this.#lineOf(group!)
    if (rest === undefined) {
      // Where others are before it, it was delivered before and never given out.
      const isFirst = line.entries.length === 0 && !line.isBusy
      line.entries.push(isFirst ? entry : { ...entry, delivery: { ...entry.delivery, returns: 0 } })
    } else {
      line.entries.unshift(entry)
      if (line.awaited === id) line.awaited = undefined
    }
    this.#place(line)
  }

  /** The first of a group that has none at work. */
  take(now: Ms): Delivery | undefined {
    for (const line of this.#resting) if (line.entries[0]!.due <= now) this.#place(line)
    const [line] = this.#ready
    if (line === undefined) return undefined
    this.#ready.delete(line)
    line.isBusy = true
    return line.entries.shift()!.delivery
  }

  /** When the next job that rests may be claimed. */
  nextDue(): Ms {
    let next = Infinity
    for (const { entries } of this.#resting) next = Math.min(next, entries[0]!.due)
    return next
  }

  /** How long those still rest that hold others back. */
  rests(now: Ms): readonly Ms[] {
    return [...this.#resting].filter(({ entries }) => entries.length > 1).map(({ entries }) => entries[0]!.due - now)
  }

  /** It is over, so the next of its group may begin. */
  end({ envelope }: Delivery): void {
    const line = this.#lineOf(envelope.group!)
    line.isBusy = false
    this.#place(line)
    if (line.entries.length === 0 && line.awaited === undefined) this.#lines.delete(envelope.group!)
  }

  /** It is over, and a copy of it has been sent that runs next. */
  return(delivery: Delivery): void {
    const { group, id } = delivery.envelope
    const line = this.#lineOf(group!)
    const first = line.entries[0]?.delivery.envelope
    if (first?.id !== id || first.rest === undefined) line.awaited = id
    this.end(delivery)
  }

  /** It comes next again. */
  giveBack(delivery: Delivery): void {
    const line = this.#lineOf(delivery.envelope.group!)
    line.entries.unshift({ delivery: { ...delivery, returns: delivery.returns + 1 }, due: 0 })
    line.isBusy = false
    this.#place(line)
  }

  #lineOf(group: string): Line {
    let line = this.#lines.get(group)
    if (line === undefined) {
      line = { entries: [], isBusy: false, awaited: undefined }
      this.#lines.set(group, line)
    }
    return line
  }

  #place(line: Line): void {
    const [first] = line.entries
    const isFree = !line.isBusy && line.awaited === undefined && first !== undefined
    const isDue = isFree && first.due <= performance.now()
    change(this.#ready, line, isDue)
    change(this.#resting, line, isFree && !isDue)
  }
}

/** Whoever is in keeps their place. */
function change(set: Set<Line>, line: Line, isIn: boolean): void {
  if (isIn) set.add(line)
  else set.delete(line)
}
