import type { Enqueued, Health, Stateful } from './backend.ts'
import type { ClaimedJob, JobId, Ms, NewJob } from './job.ts'
import type { Settled, Settlement } from './settlement.ts'

/**
 * The memory that a broker lacks. `withStore(broker, store)` writes here and sends there; queues and workers never see the
 * difference. A store knows state, results, unique keys and delays of any length; it never hands a job to a worker by itself.
 */
export interface Store extends Stateful {
  readonly name: string
  open(): Promise<void>
  close(): Promise<void>
  health(): Promise<Health>
  /** Records new jobs. Those with a delay beyond `handOff` stay here until `due` gives them out; the others are about to be sent. */
  insert(jobs: readonly NewJob[], handOff: Ms): Promise<readonly Enqueued[]>
  /** Notes that these attempts start. `stale`: the job is finished or a later claim is known, so it must not run. */
  begin(jobs: readonly ClaimedJob[], lease: Ms): Promise<readonly Begun[]>
  /** Writes outcomes, fenced by the token that `begin` saw, and inserts their follow-ups in the same write. */
  apply(settlements: readonly Settlement[], handOff: Ms): Promise<readonly Settled[]>
  /** Leases jobs that must be sent now: their delay is over, or they were inserted but never confirmed as sent. */
  due(limit: number, lease: Ms): Promise<readonly NewJob[]>
  /** Confirms that these jobs are with the broker. Those not confirmed come back from `due` when its lease ends. */
  sent(ids: readonly JobId[]): Promise<void>
}

/** What the store knows better than the broker about a claim. */
export type Begun = 'stale' | Pick<ClaimedJob, 'attempt' | 'failures' | 'crashes' | 'redrives' | 'cancelRequested'>
