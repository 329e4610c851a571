import type { JobId, Lease } from '../contract/job.ts'
import type { Row } from './row.ts'

/** A lease that knows its row, so that one which comes back as it was given out need not be looked up. */
export class RowLease implements Lease {
  readonly id: JobId
  readonly queue: string
  readonly token: string
  readonly #row: Row

  constructor(row: Row) {
    this.id = row.id
    this.queue = row.queue.name
    this.token = row.token
    this.#row = row
  }

  /** `undefined` for a lease that was written down and read again, or made by hand. */
  static rowOf(lease: Lease): Row | undefined {
    return #row in lease ? lease.#row : undefined
  }
}
