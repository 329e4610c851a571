import type { JobRecord, Ms } from '@jobport/core'

/** A claimed job, as its worker was told. */
export interface Handed {
  readonly id: string
  readonly token: string
  readonly name: string
  /** From its payload: which plan it belongs to. */
  readonly key: string | undefined
  readonly attempt: number
  readonly failures: number
  readonly crashes: number
}

/** A settlement, as it was sent. */
export interface Sent {
  readonly id: string
  readonly token: string
  readonly to: 'completed' | 'dead' | 'cancelled' | 'waiting'
  readonly counts?: 'failure' | 'nothing'
}

/** What a process has written down, before and after everything that it did. `call` joins the two. */
export type ProcessEvent =
  | { readonly type: 'begin'; readonly pid: number }
  | { readonly type: 'enqueue'; readonly call: number; readonly ids: readonly string[] }
  /** `of`: the job that stands for it, where it is known already. */
  | { readonly type: 'accepted'; readonly call: number; readonly id: string; readonly of?: string }
  | { readonly type: 'rejected'; readonly call: number; readonly id: string; readonly error: string }
  | { readonly type: 'claim'; readonly call: number; readonly queue: string }
  | {
      readonly type: 'claimed'
      readonly call: number
      readonly queue: string
      /** When it was asked for. */
      readonly since: Ms
      readonly wait: Ms
      readonly limit: number
      readonly jobs: readonly Handed[]
    }
  | { readonly type: 'settle'; readonly call: number; readonly sent: readonly Sent[] }
  | { readonly type: 'settled'; readonly call: number; readonly replies: readonly string[] }
  | {
      readonly type: 'extended'
      readonly since: Ms
      readonly leases: readonly { readonly id: string; readonly token: string; readonly reply: string }[]
    }
  | { readonly type: 'start'; readonly id: string; readonly attempt: number }
  | { readonly type: 'end'; readonly id: string; readonly attempt: number; readonly how: string }
  | {
      readonly type: 'deliver'
      readonly notification: string
      readonly id: string
      readonly outcome: string
    }
  | { readonly type: 'told'; readonly event: string; readonly id: string; readonly attempt: number }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'done' }
  | { readonly type: 'closing' }
  | { readonly type: 'closed' }

/** What was done to processes and the server, and what was found in the end. */
export type WorldEvent =
  | { readonly type: 'spawn'; readonly process: string }
  | { readonly type: 'kill' | 'stop' | 'terminate'; readonly process: string }
  | { readonly type: 'continue'; readonly process: string }
  | { readonly type: 'exit'; readonly process: string; readonly how: string }
  | { readonly type: 'trouble' | 'relief'; readonly what: string }
  | { readonly type: 'calm' }
  | { readonly type: 'counts'; readonly queue: string; readonly open: number }
  | { readonly type: 'record'; readonly record: JobRecord }
  | { readonly type: 'dead letter'; readonly id: string }

/** `at`: milliseconds since the run began, by the clock that all processes of a machine share. */
export type HistoryEvent = { readonly at: Ms; readonly by: string } & (ProcessEvent | WorldEvent)

export type EventOf<Type extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: Type }>
