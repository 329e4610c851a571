/** Milliseconds. Only durations enter a backend; the backend's own clock decides when they end. */
export type Ms = number

/** A moment by the backend's own clock, in milliseconds since 1970. Backends give these out and never take them in. */
export type Timestamp = number

/** Made by the client (UUIDv7 by default), so that repeating an enqueue whose reply was lost cannot create a second job. 1 to 128 of `[A-Za-z0-9._:-]`. */
export type JobId = string

/** A value encoded by core as JSON text. Opaque to a backend: stored and given back unchanged, to the last code unit. */
export type Encoded = string

/** `completed`, `dead` and `cancelled` are final; a job in a final state is called finished. */
export type JobState = 'waiting' | 'scheduled' | FinalState | 'active'
export type FinalState = 'completed' | 'dead' | 'cancelled'

export interface NewJob {
  readonly id: JobId
  /** 1 to 80 of `[A-Za-z0-9._:-]`, as is `name`. */
  readonly queue: string
  readonly name: string
  readonly payload: Encoded
  /** Small facts that travel with the job, such as a trace context. Keys are header names in lower case, values any text without NUL. */
  readonly headers: Readonly<Record<string, string>>
  /** Per-job overrides of the definition's policy, encoded by core and opaque to the backend. Absent for most jobs. */
  readonly policy?: Encoded
  /** Absent or 0: claimable at once. */
  readonly delay?: Ms
  /** Higher runs first; absent means 0. */
  readonly priority?: number
  readonly unique?: Unique
  readonly group?: string
  /** Set where `withStore` sends a job once more, different each time: to a broker that knows duplicates by the id this is none. */
  readonly resent?: string
}

/** A key, scoped by queue, that at most one unfinished job holds. */
export interface Unique {
  readonly key: string
  /** The key stays taken for at least so long after the enqueue, also when the job has finished earlier. */
  readonly within?: Ms
}

/** Names one claim of one job. A stale one must never change anything. */
export interface Lease {
  readonly id: JobId
  readonly queue: string
  /** `attempt ':' random`: the number gives a monotone fence, the random part survives a failover that hands a number out twice. */
  readonly token: string
}

export interface ClaimedJob {
  readonly lease: Lease
  readonly name: string
  readonly payload: Encoded
  readonly headers: Readonly<Record<string, string>>
  readonly policy?: Encoded
  readonly priority?: number
  readonly group?: string
  /** 1 on the first claim; grows with every claim, whatever became of the ones before. It is the fence, not the retry budget. */
  readonly attempt: number
  /** Settlements so far that counted as a failure. The one that made a job dead is no longer counted: no further attempt asks. */
  readonly failures: number
  /**
   * Claims so far that ended without a word: the lease ran out. The first counts always; the later ones only where the worker had reported
   * `begun`, so that a job is not blamed for the death of a worker that held it and had not started it.
   */
  readonly crashes: number
  /** How often an operator has sent the finished job back to work. */
  readonly redrives: number
  readonly enqueuedAt: Timestamp
  /** Someone asked to cancel the job while an earlier claim held it. Core settles it `cancelled` without running it. */
  readonly cancelRequested?: boolean
}

/** What can be read of a job at any time, where the backend has the feature `state`. */
export interface JobRecord {
  readonly id: JobId
  readonly queue: string
  readonly name: string
  readonly state: JobState
  readonly payload: Encoded
  readonly headers: Readonly<Record<string, string>>
  readonly policy?: Encoded
  readonly priority: number
  readonly group?: string
  readonly unique?: string
  readonly attempt: number
  readonly failures: number
  readonly crashes: number
  readonly redrives: number
  readonly enqueuedAt: Timestamp
  /** When a scheduled job falls due. */
  readonly dueAt?: Timestamp
  /** When the newest claim was made. */
  readonly claimedAt?: Timestamp
  readonly finishedAt?: Timestamp
  readonly result?: Encoded
  /** The newest errors, oldest first: one for each failed attempt and one for the death. At least 20 are kept. */
  readonly errors: readonly Encoded[]
  readonly progress?: Encoded
  /** The newest log lines, oldest first. At least 100 are kept. */
  readonly logs: readonly Encoded[]
  readonly cancelRequested: boolean
}
