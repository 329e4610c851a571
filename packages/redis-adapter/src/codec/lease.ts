import type { JobId, Lease } from '@jobport/core/adapter'
import { packId, unpackId } from './id.ts'

/** A lease as it is given out. It knows how the server keeps the id of its job, which need not be worked out again when it comes back as it was. */
export class PackedLease implements Lease {
  readonly id: JobId
  readonly queue: string
  readonly token: string
  readonly #packed: string

  constructor(packed: string, queue: string, token: string) {
    this.id = unpackId(packed)
    this.queue = queue
    this.token = token
    this.#packed = packed
  }

  /** The id of the job of a lease as the server keeps it, also of one that was written down and read again, or made by hand. */
  static idOf(lease: Lease): string {
    return #packed in lease ? lease.#packed : packId(lease.id)
  }
}
