import type { Enqueued, Health, Stateful } from './backend.ts'
import type { ClaimedJob, JobId, Lease, Ms, NewJob } from './job.ts'
import type { Limits } from './limits.ts'
import type { Extended, Settled, Settlement } from './settlement.ts'

/**
 * The memory that a broker lacks. `withStore(broker, store)` writes here and sends there; queues and workers never see the
 * difference. A store knows state, results, unique keys and delays of any length; it never hands a job to a worker by itself.
 *
 * Of every job that is not finished, one of these is true: the broker has a message of it, a lease of it runs, or `due` gives it out some
 * time. A broker that loses a message is found out when its queue falls silent: `counts` and `list` tell what waits all the same, and it is sent again. A message too many
 * is harmless: `begin` is the fence.
 */
export interface Store extends Stateful {
  readonly name: string
  /** As of a backend; `claimBatch` is of `begin`. */
  readonly limits: Limits
  open(): Promise<void>
  close(): Promise<void>
  health(): Promise<Health>
  /** Records new jobs. Those with a longer delay than the hand-off's stay here until `due` gives them out; the others are about to be sent. */
  insert(jobs: readonly NewJob[], handOff: HandOff): Promise<readonly Enqueued[]>
  /**
   * Notes that attempts start, and lets their leases begin. Here the token of each is a random text, mostly the same for all: repeating it is harmless. From then on the
   * lease of the answer names the attempt.
   */
  begin(attempts: readonly Lease[], lease: Ms): Promise<readonly Begun[]>
  /** Lets each lease end `lease` from now instead. */
  extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]>
  /**
   * Writes outcomes, fenced by the lease that `begin` answered, and inserts their follow-ups in the same write. A job that is returned stays here until `due` gives it
   * out, when its delay is over.
   */
  apply(settlements: readonly Settlement[], handOff: HandOff): Promise<readonly Settled[]>
  /**
   * Leases jobs that must be sent now: their delay is over, nobody has confirmed in time that they were sent, an operator sent them back to
   * work, or the lease of their claim ran out.
   */
  due(limit: number, lease: Ms): Promise<readonly Unsent[]>
  /** Confirms that these jobs are with the broker. Those not confirmed come back from `due` when its lease ends. */
  sent(jobs: readonly Sent[]): Promise<void>
}

/** What is done, with new jobs, by whoever writes to a store. */
export interface HandOff {
  /** Jobs with up to this delay go to the broker. */
  readonly delay: Ms
  /** How long the sender has to confirm them before `due` gives them out. */
  readonly grace: Ms
  /** Kept with each new job of the call. So a message of a job that was removed is not taken for one of a later job with the same id. */
  readonly origin: string
}

/**
 * What the store knows better than the broker about a claim. Otherwise the message is to be acknowledged without running the job:
 * - `stale`: it is finished or unknown, its time has not come, or another claim holds it. If it is to run later, `due` gives it out.
 * - `paused`: its queue is. `due` gives it out when it is resumed.
 */
export type Begun = 'stale' | 'paused' | Started

export interface Started extends Pick<
  ClaimedJob,
  'attempt' | 'failures' | 'crashes' | 'redrives' | 'enqueuedAt' | 'cancelRequested'
> {
  /** Names the attempt from now on, with the store's own token. */
  readonly lease: Lease
  /** Of the hand-off that brought the job; empty for a follow-up of `cancel`. */
  readonly origin: string
}

/** Names one sending of one job, so that a confirmation that comes late is not taken for one of a later sending. */
export interface Sent {
  readonly id: JobId
  /** Empty for a new job, else as `due` says. */
  readonly sending: string
}

export interface Unsent {
  /** Without its delay and its unique key. */
  readonly job: NewJob
  readonly sending: string
  /** As of `Started`. */
  readonly origin: string
}
