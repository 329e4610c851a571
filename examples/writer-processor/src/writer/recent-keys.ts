import { ClientError } from '@jobport/example-service'

/** What this process knows of an idempotency key. */
export interface RecentKey {
  /** Of what was called with it. */
  readonly content: string
  /** Ids of the messages that SQS has taken. */
  readonly accepted: Set<string>
  /** Ends with the last call so far. */
  turn: Promise<unknown>
  readonly since: number
}

export interface RecentKeysOptions {
  /** How many keys are remembered. Default 10,000: a few MB. */
  readonly most?: number
  /** For how long, in milliseconds. Default ten minutes: callers that repeat do so soon. */
  readonly keep?: number
  readonly now?: () => number
}

/**
 * The idempotency keys of the last minutes, as this process saw them. It spares the queue what a caller repeats, and tells a key that is used for two things. Nothing depends on it:
 * a key that was forgotten, or that another writer saw, makes the same ids again, by which the processor knows a repeat.
 */
export class RecentKeys {
  readonly #most: number
  readonly #keep: number
  readonly #now: () => number
  readonly #keys = new Map<string, RecentKey>()

  constructor({ most = 10_000, keep = 600_000, now = () => performance.now() }: RecentKeysOptions = {}) {
    this.#most = most
    this.#keep = keep
    this.#now = now
  }

  get size(): number {
    return this.#keys.size
  }

  /**
   * What is known of a key, from now on at least that it was used for this content.
   * @throws ClientError 422 when it was used for another
   */
  recall(key: string, content: string): RecentKey {
    this.#forget()
    const known = this.#keys.get(key)
    if (known === undefined) {
      const fresh = { content, accepted: new Set<string>(), turn: Promise.resolve(), since: this.#now() }
      this.#keys.set(key, fresh)
      return fresh
    }
    if (known.content !== content)
      throw new ClientError(
        422,
        'key-reused',
        'this Idempotency-Key was used for something else; take a new one',
        HEADER,
      )
    return known
  }

  /** The oldest first: a map keeps the order in which its keys came. */
  #forget(): void {
    const oldest = this.#now() - this.#keep
    for (const [key, { since }] of this.#keys) {
      if (since > oldest && this.#keys.size < this.#most) return
      this.#keys.delete(key)
    }
  }
}

const HEADER = 'headers.idempotency-key'
