import type { Finished, Inspector, JobId, JobRecord, ListQuery, Page, QueueCounts } from '@jobport/core/adapter'
import type { Live } from './live.ts'
import { counts, find, list, queues } from './verbs/inspect.ts'

/** Reads the jobs of a backend; `opened` refuses while it is not open. */
export class SqliteInspector implements Inspector {
  readonly #opened: () => Live

  constructor(opened: () => Live) {
    this.#opened = opened
  }

  async find(ids: readonly JobId[]): Promise<readonly (JobRecord | undefined)[]> {
    return this.#opened().session.read((tx) => ids.map((id) => find(tx, id)?.record))
  }

  async list(query: ListQuery): Promise<Page> {
    return this.#opened().session.read((tx) => list(tx, query))
  }

  async counts(queue: string): Promise<QueueCounts> {
    return this.#opened().session.read((tx) => counts(tx, queue))
  }

  async queues(): Promise<readonly string[]> {
    return this.#opened().session.read(queues)
  }

  async watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    return this.#opened().watch(listener)
  }
}
