/**
 * What a backend can do. An adapter declares literal booleans, so an option that its backend cannot honour does not
 * compile; core refuses it before any I/O where the types were bypassed. A feature never changes after construction.
 */
export interface Features {
  /** Every job has a record that can be found, listed, counted, watched and operated on. Implies fenced settlements. */
  readonly state: boolean
  /** The record carries the handler's result. */
  readonly results: boolean
  /** A job can be enqueued to run later. */
  readonly delay: boolean
  /** Jobs of one queue can overtake each other. */
  readonly priority: boolean
  /** An enqueue can be answered by an equal job that exists already. */
  readonly unique: boolean
  /** Jobs that share a group run one at a time, in the order in which they were enqueued. */
  readonly group: boolean
  /** Jobs of equal priority that were never claimed are claimed in the order in which they were enqueued. */
  readonly fifo: boolean
  /** A settlement and its follow-up jobs are one write. Otherwise the follow-ups are sent first. */
  readonly atomicFollowUps: boolean
  /** Jobs can be enqueued and completed inside a transaction of the caller: `within(tx)`. */
  readonly transactions: boolean
}
