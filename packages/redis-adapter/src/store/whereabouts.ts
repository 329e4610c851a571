import type { JobId } from '@jobport/core/adapter'

const MOST = 10_000

/** Which queues jobs are in that were lately sent from here: whoever sends a job mostly confirms it right afterwards, and by its id alone. */
export class Whereabouts {
  readonly #queues = new Map<JobId, string>()

  note(id: JobId, queue: string): void {
    this.#queues.set(id, queue)
    if (this.#queues.size > MOST) this.#queues.delete(this.#queues.keys().next().value!)
  }

  /** The queue of a job, if it is known. It is forgotten with that. */
  take(id: JobId): string | undefined {
    const queue = this.#queues.get(id)
    this.#queues.delete(id)
    return queue
  }
}
