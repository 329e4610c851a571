import type { JobId } from '../contract/job.ts'
import type { Cancellation, CancelRequest, Operator, PurgeRequest } from '../contract/operator.ts'

/** A store's operator that says when something has come up to be sent. */
export class StoredOperator implements Operator {
  readonly #operate: Operator
  readonly #stir: () => void

  constructor(operate: Operator, stir: () => void) {
    this.#operate = operate
    this.#stir = stir
  }

  async cancel(requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
    const answers = await this.#operate.cancel(requests)
    if (requests.some(({ then }) => then !== undefined && then.length > 0)) this.#stir()
    return answers
  }

  async retry(ids: readonly JobId[]): Promise<readonly boolean[]> {
    const answers = await this.#operate.retry(ids)
    if (answers.includes(true)) this.#stir()
    return answers
  }

  remove(ids: readonly JobId[]): Promise<readonly boolean[]> {
    return this.#operate.remove(ids)
  }

  pause(queue: string): Promise<void> {
    return this.#operate.pause(queue)
  }

  async resume(queue: string): Promise<void> {
    await this.#operate.resume(queue)
    this.#stir()
  }

  purge(request: PurgeRequest): Promise<number> {
    return this.#operate.purge(request)
  }
}
