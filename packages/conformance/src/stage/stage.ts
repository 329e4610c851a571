import type {
  Backend,
  ClaimedJob,
  ClaimRequest,
  Features,
  JobRecord,
  JobState,
  Limits,
  Mover,
  NewJob,
  Settlement,
  Stateful,
  Transactional,
} from '@jobport/core/adapter'
import type { Harness } from '../harness.ts'
import type { Need } from '../suite/case.ts'
import type { Time } from './time.ts'

/** What the needs of a case vouch for. */
export type Under<N extends Need> = Mover &
  ('state' extends N ? Stateful : 'results' extends N ? Stateful : unknown) &
  ('transactions' extends N ? Transactional<unknown> : unknown) &
  ('exchange' extends N ? Required<Pick<Mover, 'exchange'>> : unknown)

export type Overrides = Partial<NewJob>

export interface ClaimOptions extends Partial<ClaimRequest> {
  /** Which instance claims; the first by default. */
  readonly by?: Mover
  readonly signal?: AbortSignal
}

/** What a case plays on: a backend that is open, an empty namespace of its own, and words for what nearly every case does. */
export interface Stage<N extends Need = never> {
  readonly harness: Harness
  readonly namespace: string
  readonly backend: Under<N>
  readonly features: Features
  readonly limits: Limits
  readonly time: Time
  readonly queue: string

  /** Another instance on the same jobs, open. */
  another(): Promise<Under<N>>
  /** Another instance on the same jobs, not opened. */
  unopened(): Promise<Under<N> & Backend>
  /** An instance on another namespace, open. */
  elsewhere(): Promise<Under<N>>

  /** Done when the case has ended, last thing first. */
  onStrike(step: () => Promise<void>): void

  /** A job that is not enqueued yet, with an id of its own. */
  job(overrides?: Overrides): NewJob
  jobs(count: number, overrides?: Overrides | ((index: number) => Overrides)): NewJob[]
  /** A job that is enqueued. */
  given(overrides?: Overrides): Promise<NewJob>
  /** Jobs that are enqueued, in as few calls as the limits allow. */
  givenMany(count: number, overrides?: Overrides | ((index: number) => Overrides)): Promise<NewJob[]>
  /** A job that is enqueued and claimed. */
  active(overrides?: Overrides, options?: ClaimOptions): Promise<ClaimedJob>

  /** The plain verb, with a long lease, one job and no waiting unless said otherwise. */
  claim(options?: ClaimOptions): Promise<readonly ClaimedJob[]>
  /** Claims until it has so many jobs; more only where `limit` allows. Fails when they do not come. */
  take(count: number, options?: ClaimOptions): Promise<ClaimedJob[]>
  takeOne(options?: ClaimOptions): Promise<ClaimedJob>
  /** Fails with `why` when anything can be claimed. */
  nothing(why: string, options?: ClaimOptions): Promise<void>
  /** Settles, and fails unless each one is applied. */
  settle(...settlements: readonly Settlement[]): Promise<void>

  /** The record; fails when there is none. */
  record(id: string): Promise<JobRecord>
  /** `gone`: there is no record. */
  state(id: string): Promise<JobState | 'gone'>
}
