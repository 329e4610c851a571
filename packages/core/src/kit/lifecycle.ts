import { BackendError } from '../errors/backend-error.ts'

/**
 * Opens and closes a backend however often and in whatever order it is asked to: calls are run one after the other, repeats are harmless,
 * and a verb used while it is not open is refused with code `closed`.
 */
export class Lifecycle {
  readonly #backend: string
  readonly #open: () => Promise<void>
  readonly #close: () => Promise<void>
  #isOpen = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(backend: string, hooks: { readonly open: () => Promise<void>; readonly close: () => Promise<void> }) {
    this.#backend = backend
    this.#open = hooks.open
    this.#close = hooks.close
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  open(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#isOpen) return
      await this.#open()
      this.#isOpen = true
    })
  }

  close(): Promise<void> {
    return this.#enqueue(async () => {
      if (!this.#isOpen) return
      this.#isOpen = false
      await this.#close()
    })
  }

  /** @throws BackendError `closed` unless open. */
  check(): void {
    if (!this.#isOpen)
      throw new BackendError(
        'closed',
        this.#backend,
        'the backend is not open; call open() first, and nothing after close()',
      )
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.#last.then(step, step)
    this.#last = done.catch(() => {})
    return done
  }
}
