import type { Cancellation, FinalState, JobState, Ms } from '@jobport/core'
import type { Settlement } from '@jobport/core/adapter'

/** A job that follows from an outcome, as it stood in the settlement. */
export interface Follower {
  readonly id: string
  readonly queue: string
  readonly name: string
  /** The key in its payload, which says which plan it belongs to. */
  readonly key?: string
}

/** What the server did: the truth. A claim is named by its attempt, because tokens are random. */
export type ServerEvent =
  | {
      readonly type: 'enqueue'
      readonly by: string
      readonly id: string
      readonly queue: string
      readonly name: string
      readonly key?: string
      readonly group?: string
      readonly unique?: string
      readonly within?: Ms
      readonly delay?: Ms
      /** `enqueued`, `refused`, or the id that the job is a duplicate of. */
      readonly status: 'enqueued' | 'refused' | 'duplicate'
      readonly of?: string
    }
  | { readonly type: 'wait'; readonly by: string; readonly queue: string; readonly call: number }
  | { readonly type: 'waited'; readonly by: string; readonly queue: string; readonly call: number }
  | {
      readonly type: 'claim'
      readonly by: string
      readonly id: string
      readonly queue: string
      readonly attempt: number
      readonly failures: number
      readonly crashes: number
      readonly redrives: number
      readonly lease: Ms
      readonly cancelRequested?: boolean
    }
  | {
      readonly type: 'settle'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly to: Settlement['to']
      readonly counts?: 'failure' | 'nothing'
      readonly error?: string
      readonly then?: readonly Follower[]
      readonly reply: string
    }
  | {
      readonly type: 'extend'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly lease: Ms
      readonly reply: string
    }
  | {
      readonly type: 'begun'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly reply: string
    }
  | {
      readonly type: 'cancel'
      readonly by: string
      readonly id: string
      readonly then?: readonly Follower[]
      readonly reply: Cancellation
    }
  | { readonly type: 'retry'; readonly by: string; readonly id: string; readonly reply: boolean }
  | { readonly type: 'pause-queue' | 'resume-queue'; readonly by: string; readonly queue: string }

/** What happened in a process, as far as it lived to tell. `now` is by its own clock. */
export type ProcessEvent =
  | {
      readonly type: 'spawn'
      readonly by: string
      readonly role: 'producer' | 'worker' | 'notifier'
      readonly concurrency?: number
    }
  | {
      readonly type: 'accepted'
      readonly by: string
      readonly key: string
      readonly id: string
      readonly duplicate: boolean
    }
  /** What a ticket told: the outcome, with the key in the result, or the name of another error. */
  | { readonly type: 'result'; readonly by: string; readonly id: string; readonly told: string; readonly key?: string }
  | { readonly type: 'rejected'; readonly by: string; readonly key: string; readonly error: string }
  | {
      readonly type: 'got'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly now: Ms
      readonly until: Ms
    }
  | {
      readonly type: 'kept'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly now: Ms
      readonly until: Ms
    }
  | { readonly type: 'send'; readonly by: string; readonly id: string; readonly attempt: number; readonly now: Ms }
  | {
      readonly type: 'start'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly call: number
      readonly key?: string
      readonly does: string
    }
  | {
      readonly type: 'end'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly call: number
      readonly how: string
    }
  | {
      readonly type: 'abort'
      readonly by: string
      readonly id: string
      readonly attempt: number
      readonly reason: string
    }
  | {
      readonly type: 'told'
      readonly by: string
      readonly event: string
      readonly id: string
      readonly attempt: number
    }
  | {
      readonly type: 'deliver'
      readonly by: string
      readonly notification: string
      readonly id: string
      readonly state: FinalState
    }
  | { readonly type: 'error'; readonly by: string; readonly message: string }
  | { readonly type: 'concurrency'; readonly by: string; readonly to: number }
  | { readonly type: 'closing'; readonly by: string; readonly patience: Ms }
  | { readonly type: 'closed'; readonly by: string; readonly timers: number }

/** What was done to processes and their calls. */
export type FaultEvent =
  | { readonly type: 'crash'; readonly by: string; readonly cause: string }
  | { readonly type: 'stop' | 'continue'; readonly by: string }
  | { readonly type: 'cut' | 'heal'; readonly by: string; readonly what: 'requests' | 'replies' | 'both' }
  | {
      readonly type: 'lost'
      readonly by: string
      readonly verb: string
      readonly what: 'request' | 'reply' | 'slow' | 'again'
    }

/** What is left when nothing moves any more. */
export type FinalEvent =
  | { readonly type: 'calm' }
  | {
      readonly type: 'record'
      readonly id: string
      readonly queue: string
      readonly name: string
      readonly state: JobState
      readonly attempt: number
      readonly failures: number
      readonly crashes: number
    }
  | { readonly type: 'quiet'; readonly closing: number }
  | { readonly type: 'restless'; readonly unfinished: number }
  | { readonly type: 'unhandled'; readonly message: string }

/** One line of a history. `at` is world time in milliseconds. */
export type HistoryEvent = { readonly at: Ms } & (ServerEvent | ProcessEvent | FaultEvent | FinalEvent)

export type EventOf<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: Type }>

/** What to do at events, by their type. */
export type Reactions = { readonly [Type in HistoryEvent['type']]?: (event: EventOf<Type>) => void }

export function react(reactions: Reactions, event: HistoryEvent): void {
  const reaction = reactions[event.type] as ((event: HistoryEvent) => void) | undefined
  reaction?.(event)
}
