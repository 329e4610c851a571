import type { Finished } from '../contract/inspector.ts'

export type FinishedListener = (finished: readonly Finished[]) => void

/** Those who watch which jobs finish. What one of them throws is warned of, and harms neither the others nor the backend. */
export class Listeners {
  readonly #backend: string
  readonly #warn: (message: string) => void
  readonly #listeners = new Set<{ readonly listener: FinishedListener }>()

  constructor(backend: string, warn: (message: string) => void) {
    this.#backend = backend
    this.#warn = warn
  }

  get size(): number {
    return this.#listeners.size
  }

  /** Answers with a function that removes it. */
  add(listener: FinishedListener): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  clear(): void {
    this.#listeners.clear()
  }

  /** Tells all that are listening now; one that is added meanwhile is told of what comes later. */
  tell(finished: readonly Finished[]): void {
    const listeners = [...this.#listeners]
    for (const { listener } of listeners) {
      try {
        const answer: unknown = listener(finished)
        if (answer instanceof Promise) answer.catch(this.#complain)
      } catch (error) {
        this.#complain(error)
      }
    }
  }

  readonly #complain = (error: unknown): void => {
    this.#warn(`${this.#backend}: a listener of watch() failed, which changes nothing for others: ${describe(error)}`)
  }
}

function describe(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that cannot be shown'
  }
}
