/**
 * What a namespace owns on the server. The version is part of each name: a later layout stands beside this one until that is empty,
 * since neither a queue nor an exchange can be changed.
 */
export class Names {
  readonly #prefix: string

  constructor(namespace: string) {
    this.#prefix = `${namespace}:v1`
  }

  /** The queue that holds the jobs of a queue. */
  work(queue: string): string {
    return `${this.#prefix}:work:${queue}`
  }

  /** The queue that holds a share of its groups. */
  groups(queue: string, partition: number): string {
    return `${this.#prefix}:groups-${partition}:${queue}`
  }

  /** The queue of those that are dead, and of messages that are no jobs. */
  dead(queue: string): string {
    return `${this.#prefix}:dead:${queue}`
  }

  /** The exchange that leads to dead-letter queues, by the name of the queue. */
  get deadLetters(): string {
    return `${this.#prefix}:dead-letters`
  }

  /** The exchange that jobs reach when their delay is over. */
  get due(): string {
    return `${this.#prefix}:due`
  }

  /** Queue and exchange of one part of a delay. */
  delay(level: number): string {
    return `${this.#prefix}:delay:${level}`
  }
}
