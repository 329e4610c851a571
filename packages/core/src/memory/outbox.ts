import type { Ms, NewJob } from '../contract/job.ts'
import type { HandOff, Unsent } from '../contract/store.ts'
import { Heap, type Indexed } from './order/heap.ts'
import type { Queue } from './queue.ts'
import type { Row, Tick } from './row.ts'

class Entry implements Indexed {
  readonly row: Row
  readonly at: Tick
  readonly sending: string
  index = -1

  constructor(row: Row, at: Tick, sending: string) {
    this.row = row
    this.at = at
    this.sending = sending
  }
}

/** Nobody else is about to send what comes to wait. */
const NOBODY: HandOff = { delay: 0, grace: 0, origin: '' }

/** What a space has besides when it is the memory of a broker: which jobs have to be sent, and when. */
export class Outbox {
  readonly #entries = new Map<Row, Entry>()
  readonly #order = new Heap<Entry>((a, b) => a.at < b.at)
  readonly #origins = new WeakMap<Row, string>()
  #handOff = NOBODY
  #sendings = 0

  /** Rows that are new while `verb` runs are handed off by who called it. */
  during<T>(handOff: HandOff, verb: () => T): T {
    this.#handOff = handOff
    try {
      return verb()
    } finally {
      this.#handOff = NOBODY
    }
  }

  /** A row is new. */
  add(row: Row, now: Tick, delay: Ms): void {
    const { origin, grace, delay: longest } = this.#handOff
    this.#origins.set(row, origin)
    this.#put(new Entry(row, now + delay + (delay > longest ? 0 : grace), ''))
  }

  origin(row: Row): string {
    return this.#origins.get(row) ?? ''
  }

  /** A row waits again, for `delay` from now on. */
  wait(row: Row, now: Tick, delay: Ms): void {
    this.#put(new Entry(row, now + delay, this.#number()))
  }

  /** A row's lease has begun, or ends at another time: it has to be sent when it ends. */
  lease(row: Row): void {
    this.#put(new Entry(row, row.until, this.#number()))
  }

  /** A message has come whose row cannot run yet; it is sent again at that moment, unless it is sent earlier anyway. */
  postpone(row: Row, at: Tick): void {
    const known = this.#entries.get(row)
    if (known === undefined || known.at > at) this.#put(new Entry(row, at, this.#number()))
  }

  /** A message has come of a paused queue. */
  park(row: Row): void {
    this.#put(new Entry(row, Infinity, this.#number()))
  }

  /** What came meanwhile is sent now. */
  resume(queue: Queue, now: Tick): void {
    const parked = [...this.#entries.values()].filter(({ row, at }) => at === Infinity && row.queue === queue)
    for (const { row } of parked) this.#put(new Entry(row, now, this.#number()))
  }

  /** The row is finished or removed. */
  remove(row: Row): void {
    const entry = this.#entries.get(row)
    if (entry === undefined) return
    this.#entries.delete(row)
    this.#order.remove(entry)
  }

  confirm(row: Row | undefined, sending: string): void {
    if (row !== undefined && this.#entries.get(row)?.sending === sending) this.remove(row)
  }

  due(now: Tick, limit: number, lease: Ms): Unsent[] {
    const unsent: Unsent[] = []
    for (let entry = this.#order.first; entry !== undefined && entry.at <= now; entry = this.#order.first) {
      if (unsent.length >= limit) break
      const { row, sending } = entry
      this.#put(new Entry(row, now + lease, sending))
      unsent.push({ job: jobOf(row), sending, origin: this.origin(row) })
    }
    return unsent
  }

  #put(entry: Entry): void {
    this.remove(entry.row)
    this.#entries.set(entry.row, entry)
    this.#order.add(entry)
  }

  #number(): string {
    return String(++this.#sendings)
  }
}

function jobOf({ id, queue, name, payload, headers, priority, extra }: Row): NewJob {
  const job: { -readonly [K in keyof NewJob]: NewJob[K] } = { id, queue: queue.name, name, payload, headers }
  if (extra.policy !== undefined) job.policy = extra.policy
  if (extra.group !== undefined) job.group = extra.group
  if (priority > 0) job.priority = priority
  return job
}
