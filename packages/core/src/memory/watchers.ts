import type { Finished } from '../contract/inspector.ts'
import type { FinalState, JobId } from '../contract/job.ts'
import { Listeners, type FinishedListener } from '../kit/listeners.ts'
import { NAME } from './limits.ts'

/** Those who want to know which jobs finish. They are told once for each call that finishes jobs. */
export class Watchers {
  readonly #listeners: Listeners
  #finished: Finished[] = []

  constructor(warn: (message: string) => void) {
    this.#listeners = new Listeners(NAME, warn)
  }

  add(listener: FinishedListener): () => void {
    return this.#listeners.add(listener)
  }

  note(id: JobId, queue: string, state: FinalState): void {
    if (this.#listeners.size > 0) this.#finished.push({ id, queue, state })
  }

  tell(): void {
    if (this.#finished.length === 0) return
    const finished = Object.freeze(this.#finished)
    this.#finished = []
    this.#listeners.tell(finished)
  }
}
