import type { Ms } from '@jobport/core'
import type { ClockErrors } from '../world/process.ts'
import type { Weather } from '../world/network.ts'

/** All that a seed decides beforehand, as plain data. What it leaves to chance comes from `seed` too. */
export interface Scenario {
  readonly seed: number
  /** What kind of trouble there is; `clear` is none, so that there promises hold which trouble suspends. */
  readonly kind: 'clear' | 'lossy' | 'deadly' | 'stormy'
  /** A backend that compares tokens, as all do but bare brokers. */
  readonly fenced: boolean
  /** The backend has the verb `exchange`. */
  readonly exchanges: boolean
  readonly lease: Ms
  readonly maxCrashes: number
  readonly weather: Weather
  /** Faults happen up to here; afterwards everything must come to an end. */
  readonly trouble: Ms
  readonly producers: readonly ProducerPlan[]
  readonly workers: readonly WorkerPlan[]
  readonly jobs: readonly JobPlan[]
  readonly incidents: readonly Incident[]
  /** How often out of 1 a delivery of a notification fails. */
  readonly deliveriesFail: number
}

export interface ProducerPlan {
  readonly clock: ClockErrors
}

export interface WorkerPlan {
  readonly role: 'worker' | 'notifier'
  readonly clock: ClockErrors
  readonly concurrency: number
  readonly queues: Readonly<Record<string, number>>
  /** 0: never. `undefined`: the default. */
  readonly claimAhead: number | undefined
  readonly rateLimit: { readonly limit: number; readonly per: Ms } | undefined
  readonly abortGrace: Ms
  /** A job that it has no handler for. */
  readonly lacks: JobKind | undefined
}

export type JobKind = 'plain' | 'timed' | 'batch' | 'chain'

export interface JobPlan {
  /** Tells the job from all others, whatever its id. */
  readonly key: string
  readonly kind: JobKind
  readonly producer: number
  readonly at: Ms
  /** Otherwise core mints one. */
  readonly id: string | undefined
  /** Enqueued once more with the same id after so long. */
  readonly repeatAfter: Ms | undefined
  readonly delay: Ms | undefined
  readonly priority: number | undefined
  readonly unique: { readonly key: string; readonly within?: Ms } | undefined
  readonly group: string | undefined
  /** Whom to notify of any outcome. */
  readonly user: string | undefined
  readonly retries: number | undefined
  /** Whoever enqueued it waits for its result. */
  readonly awaited: boolean
  /** Cancelled so long after it was accepted. */
  readonly cancelAfter: Ms | undefined
  /** Sent back to work so long after it was accepted, if it is finished then. */
  readonly retryAfter: Ms | undefined
  /** What its attempts do, one after the other; the last one again and again. */
  readonly acts: readonly Act[]
}

/** What a handler does. Durations are in milliseconds by its own clock. */
export type Act =
  | { readonly does: 'complete'; readonly after: Ms; readonly follows?: true; readonly notes?: true }
  | { readonly does: 'fail' | 'unrecoverable'; readonly after: Ms }
  | { readonly does: 'later' | 'snooze'; readonly after: Ms; readonly delay: Ms }
  /** Works until its signal aborts, and throws then. */
  | { readonly does: 'hang' }
  /** Completes without ever looking at its signal. */
  | { readonly does: 'deaf'; readonly after: Ms }
  /** Never ends, and never looks at its signal. */
  | { readonly does: 'never' }
  /** Takes its process down. */
  | { readonly does: 'poison'; readonly after: Ms }

/** Something that happens to a process or a queue. `place` is the index of a worker or producer, whichever process is there then. */
export type Incident = { readonly at: Ms } & (
  | { readonly does: 'crash'; readonly of: 'worker' | 'producer'; readonly place: number; readonly downFor: Ms }
  | {
      readonly does: 'stop'
      readonly of: 'worker' | 'producer'
      readonly place: number
      readonly length: Ms
      readonly timersFirst: boolean
    }
  | {
      readonly does: 'cut'
      readonly of: 'worker' | 'producer'
      readonly place: number
      readonly length: Ms
      readonly what: 'requests' | 'replies' | 'both'
    }
  /** A deploy: it closes, and another takes its place. */
  | { readonly does: 'replace'; readonly place: number; readonly grace: Ms; readonly downFor: Ms }
  | { readonly does: 'pause'; readonly place: number; readonly length: Ms }
  | { readonly does: 'concurrency'; readonly place: number; readonly to: number }
  | { readonly does: 'pause-queue'; readonly queue: string; readonly length: Ms }
)

export const QUEUES = ['alpha', 'beta'] as const
