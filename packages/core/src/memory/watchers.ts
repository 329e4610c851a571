import type { Finished } from '../contract/inspector.ts'
import type { FinalState, JobId } from '../contract/job.ts'

export type Listener = (finished: readonly Finished[]) => void

/** Those who want to know which jobs finish. They are told once for each call that finishes jobs; what they throw is only warned of. */
export class Watchers {
  readonly #listeners = new Set<{ readonly listener: Listener }>()
  readonly #warn: (message: string) => void
  #finished: Finished[] = []

  constructor(warn: (message: string) => void) {
    this.#warn = warn
  }

  add(listener: Listener): () => void {
    const entry = { listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  note(id: JobId, queue: string, state: FinalState): void {
    if (this.#listeners.size > 0) this.#finished.push({ id, queue, state })
  }

  tell(): void {
    if (this.#finished.length === 0) return
    const finished = Object.freeze(this.#finished)
    this.#finished = []
    for (const { listener } of this.#listeners) {
      try {
        const answer: unknown = listener(finished)
        if (answer instanceof Promise) answer.catch(this.#complain)
      } catch (error) {
        this.#complain(error)
      }
    }
  }

  readonly #complain = (error: unknown): void => {
    this.#warn(`memory: a listener of watch() failed, which changes nothing for others: ${describe(error)}`)
  }
}

function describe(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that cannot be shown'
  }
}
