import type { Extended, Lease, Ms } from '@jobport/core/adapter'
import type { Held } from './delivery.ts'

/** Whoever holds claims of one queue. */
export interface Holder {
  /** The claim that this token names, if the channel that it came by is still open. */
  find(lease: Lease): Held | undefined
  /** `returns`: a copy of the job has been sent, which runs again. `false`: it is not held any more. */
  done(held: Held, returns: boolean): boolean
  /** Tells the server what is done. */
  flush(): void
  extend(lease: Lease, time: Ms): Extended
}
