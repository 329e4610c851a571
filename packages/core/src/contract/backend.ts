import type { BackendFailure } from './failure.ts'
import type { Features } from './features.ts'
import type { Inspector } from './inspector.ts'
import type { ClaimedJob, JobId, Lease, Ms, NewJob } from './job.ts'
import type { Limits } from './limits.ts'
import type { Operator } from './operator.ts'
import type { Extended, Report, Settled, Settlement } from './settlement.ts'

/**
 * The contract that every adapter fulfils. Batches only: one job is a batch of one. An answer has one entry for each
 * entry of the question, by index. A call that rejects does so with a `BackendFailure` and is safe to repeat with the
 * same ids and tokens. `Tx` is what `within` takes: the caller's own transaction.
 */
export type Backend<F extends Features = Features, Tx = any> = Mover<F> &
  (F['state'] extends true ? Stateful : Partial<Stateful>) &
  (F['transactions'] extends true ? Transactional<Tx> : Partial<Transactional<Tx>>)

/** What every backend does: it moves jobs. */
export interface Mover<F extends Features = Features> {
  /** Short and stable, for messages and metrics: `memory`, `sqlite`, `redis`. */
  readonly name: string
  readonly features: F
  readonly limits: Limits
  /**
   * Where many jobs are faster in pieces, because the server works on some while others are on their way: core then cuts what it has to send into multiples of
   * `jobs`, and keeps up to so many `calls` of `enqueue` in flight. Absent: two calls, each as large as it comes.
   */
  readonly enqueueSpread?: { readonly jobs: number; readonly calls: number } | undefined
  /** Connects, checks versions and settings, migrates or refuses. Repeating it is harmless; after `close` it opens again. */
  open(): Promise<void>
  /** Ends waiting claims with no jobs, lets running calls finish, frees what `open` took. Repeating it is harmless. */
  close(): Promise<void>
  /** Answers, also when the server is away: within a bounded time and without rejecting. */
  health(): Promise<Health>
  enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]>
  /**
   * Takes up to `limit` due jobs of a queue, first those whose lease ran out. When there are none it waits, in whatever way is
   * native, for the first. An abort ends the wait at once with no jobs, and leaves nothing leased.
   */
  claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]>
  settle(settlements: readonly Settlement[]): Promise<readonly Settled[]>
  /** Lets each lease end `lease` from now instead. */
  extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]>
  /** Settles, then claims without waiting, in one round trip. Core makes both calls where it is missing. */
  exchange?(settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>): Promise<Exchanged>
}

/** What a backend with the feature `state` does besides. */
export interface Stateful {
  readonly inspect: Inspector
  readonly operate: Operator
  /** Stores what is going on in claimed jobs; fenced like a settlement. */
  report(reports: readonly Report[]): Promise<readonly Settled[]>
}

/** What a backend with the feature `transactions` does besides. */
export interface Transactional<Tx> {
  /** The same two verbs as part of the caller's transaction: visible if and only if it commits. */
  within(tx: Tx): Pick<Mover, 'enqueue' | 'settle'>
}

export interface ClaimRequest {
  readonly queue: string
  readonly limit: number
  /** Until then the job is invisible to others; afterwards it may be claimed again. */
  readonly lease: Ms
  /** How long to wait for the first job. 0 returns at once. */
  readonly wait: Ms
  /**
   * Called, at most once, where jobs have come and it takes a while until they are claimed: so many are on their way. The claim waits no longer, also when none of them is left in
   * the end, and another one may wait meanwhile.
   */
  readonly onComing?: (jobs: number) => void
}

/** `duplicate`: job `of` stands for this one: it has the same id, or holds the unique key. */
export type Enqueued =
  | { readonly status: 'enqueued' }
  | { readonly status: 'duplicate'; readonly of: JobId }
  | { readonly status: 'refused'; readonly error: BackendFailure }

export interface Exchanged {
  readonly settled: readonly Settled[]
  readonly claimed: readonly ClaimedJob[]
}

export interface Health {
  readonly reachable: boolean
  /**
   * What an accepted job survives, read from the server's own settings: `replicated` a power cut and the loss of one server, `fsync` a power cut, `async` a crash of the
   * process but for the last moments, `none` nothing.
   */
  readonly durability: 'fsync' | 'replicated' | 'async' | 'none'
  /** Sentences for an operator, each with the setting and the remedy. Empty when all is well. */
  readonly warnings: readonly string[]
  /** Version of the server, where there is one. */
  readonly version?: string
}
