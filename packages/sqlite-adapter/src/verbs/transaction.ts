import type { Connection } from '../connection/connection.ts'
import type { Outbox } from '../store/outbox.ts'
import addQueue from '../sql/add-queue.sql'
import queueByName from '../sql/queue.sql'

/** A queue as a transaction sees it. */
export interface QueueRow {
  readonly no: number
  readonly name: string
  readonly paused: boolean
}

/** One transaction: what the verbs work in, and what they leave behind for those who wait and watch. */
export class Transaction {
  readonly on: Connection
  /** The moment it began, by SQLite's clock. */
  readonly now: number
  /** Queues in which a job may have become claimable, or something changed for those who wait. */
  readonly stirred = new Set<string>()
  /** Whether a job reached a final state. */
  finished = false
  /** In a file that is the memory of a broker. */
  outbox: Outbox | undefined
  readonly #queues = new Map<string, QueueRow>()

  constructor(on: Connection, now: number) {
    this.on = on
    this.now = now
  }

  queue(name: string): QueueRow | undefined {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const row = this.on.get(queueByName, name)
    if (row === undefined) return undefined
    const queue: QueueRow = { no: row[0], name, paused: row[1] === 1 }
    this.#queues.set(name, queue)
    return queue
  }

  ensureQueue(name: string): QueueRow {
    const known = this.queue(name)
    if (known !== undefined) return known
    this.on.run(addQueue, name)
    return this.queue(name)!
  }
}
