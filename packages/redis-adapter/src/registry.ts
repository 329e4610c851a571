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
  readonly #noting = new Map<string, Promise<void>>()

  constructor(connection: Connection, keys: Keys) {
    this.#connection = connection
    this.#keys = keys
  }

  /** Writes a queue down, unless that was done lately. To be awaited before anything is stored in it; all who do go on in their order. */
  note({ queue, watched }: QueueKeys): Promise<void> | undefined {
    const noted = this.#noted.get(queue)
    if (noted !== undefined && performance.now() - noted < AGAIN) return undefined
    let noting = this.#noting.get(queue)
    if (noting === undefined) {
      noting = this.#note(queue, watched).finally(() => this.#noting.delete(queue))
      this.#noting.set(queue, noting)
      // Who asked for it hears of a failure; nobody may, if that one is gone.
      noting.catch(() => {})
    }
    return noting
  }

  names(): Promise<string[]> {
    return this.#connection.call((client) => client.smembers(this.#keys.queues))
  }

  async #note(queue: string, watched: string): Promise<void> {
    const added = await this.#connection.call((client) => client.sadd(this.#keys.queues, queue))
    if (added === 1) await this.#markIfWatched(watched)
    this.#noted.set(queue, performance.now())
  }

  /** Those who watch do not know of a new queue yet, and must not miss how its first jobs end. */
  async #markIfWatched(watched: string): Promise<void> {
    // Written as it is: reading it would take one more right.
    const isWatching = await this.#connection.call((client) => client.set(this.#keys.watching, '1', 'KEEPTTL', 'XX'))
    if (isWatching !== null) await this.#connection.call((client) => client.set(watched, '1', 'EX', WATCHED))
  }
}
