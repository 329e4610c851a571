import type { Health } from '../contract/backend.ts'
import { BackendError } from '../errors/backend-error.ts'

/** What is there while a backend is open: its connections, its timers. */
export interface Closable {
  close(): Promise<void>
}

/**
 * Opens and closes a backend however often and in whatever order it is asked to: calls are run one after the other, repeats are harmless,
 * and a verb used while it is not open is refused with code `closed`.
 */
export class Lifecycle<Opened extends Closable> {
  readonly #backend: string
  readonly #open: () => Promise<Opened>
  #current: Opened | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(backend: string, open: () => Promise<Opened>) {
    this.#backend = backend
    this.#open = open
  }

  /** What `open` gave; undefined unless open, also while it opens or closes. */
  get current(): Opened | undefined {
    return this.#current
  }

  /** What `open` gave, for verbs. @throws BackendError `closed` unless open. */
  get opened(): Opened {
    if (this.#current !== undefined) return this.#current
    throw new BackendError(
      'closed',
      this.#backend,
      'the backend is not open; call open() first, and nothing after close()',
    )
  }

  open(): Promise<void> {
    return this.#enqueue(async () => {
      this.#current ??= await this.#open()
    })
  }

  close(): Promise<void> {
    return this.#enqueue(async () => {
      const closing = this.#current
      this.#current = undefined
      await closing?.close()
    })
  }

  /** Answers for what is not open, and asks what is. */
  async health(ask: (opened: Opened) => Health | Promise<Health>): Promise<Health> {
    if (this.#current !== undefined) return ask(this.#current)
    return { reachable: false, durability: 'none', warnings: ['It is not open: call open() first.'] }
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step, step)
    this.#last = done.catch(() => {})
    return done
  }
}
