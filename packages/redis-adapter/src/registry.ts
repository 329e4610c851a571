import type { Connection } from './connection/connection.ts'
import type { Keys, QueueKeys } from './keys.ts'

/** A queue is written down again after so long, in case that the server has lost its data. */
const AGAIN = 30_000

/** How long a queue counts as watched, in seconds. Those who watch renew it well before. */
export const WATCHED = 60

/** Knows which queues there are. */
export class Registry {
  readonly #connection: Connection
  readonly #keys: Keys
  readonly #noted = new Map<string, number>()

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** Writes a queue down, unless that was done lately. To be awaited before anything is stored in it. */
  async note({ queue, watched }: QueueKeys): Promise<void> {
    const now = performance.now()
    const noted = this.#noted.get(queue)
    if (noted !== undefined && now - noted < AGAIN) return
    const added = await this.#connection.call((client) => client.sadd(this.#keys.queues, queue))
    // Those who watch do not know of it yet, and must not miss how its first jobs end.
    if (added === 1) await this.#connection.call((client) => client.set(watched, '1', 'EX', WATCHED))
    this.#noted.set(queue, now)
  }

  names(): Promise<string[]> {
    return this.#connection.call((client) => client.smembers(this.#keys.queues))
  }
}
