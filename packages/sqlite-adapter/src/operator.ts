import type { Cancellation, CancelRequest, JobId, Operator, PurgeRequest } from '@jobport/core/adapter'
import type { Live } from './live.ts'
import { cancel, pause, purge, remove, resume, retry } from './verbs/operate.ts'

/** Acts on the jobs of a backend; `opened` refuses while it is not open. */
export class SqliteOperator implements Operator {
  readonly #opened: () => Live

  constructor(opened: () => Live) {
    this.#opened = opened
  }

  async cancel(requests: readonly CancelRequest[]): Promise<readonly Cancellation[]> {
    return this.#opened().write((tx) => cancel(tx, requests))
  }

  async retry(ids: readonly JobId[]): Promise<readonly boolean[]> {
    return this.#opened().write((tx) => retry(tx, ids))
  }

  async remove(ids: readonly JobId[]): Promise<readonly boolean[]> {
    return this.#opened().write((tx) => remove(tx, ids))
  }

  async pause(queue: string): Promise<void> {
    return this.#opened().write((tx) => pause(tx, queue))
  }

  async resume(queue: string): Promise<void> {
    return this.#opened().write((tx) => resume(tx, queue))
  }

  async purge(request: PurgeRequest): Promise<number> {
    return this.#opened().write((tx) => purge(tx, request))
  }
}
