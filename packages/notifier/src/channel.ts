import type { Ms, Notification, NotifyEvent, Recipient, Severity, Timestamp } from '@jobport/core/notify'
import type { Block } from './words/blocks.ts'

/** A notification as a channel gets it. All its words are of bounded size. */
export interface Message {
  /** Of the notification: the same at every attempt and in every channel. Hand it to receivers that can recognise a repeat. */
  readonly id: string
  readonly to: Recipient
  readonly event: NotifyEvent
  readonly severity: Severity
  /** One line without control characters. */
  readonly subject: string
  readonly text: string
  /** Everything that came from a job is escaped in it, unless a template of your own did otherwise. */
  readonly html: string
  /** For Slack and what is compatible with it. */
  readonly blocks: readonly Block[]
  /** Where more can be read, by the notifier's `link`. */
  readonly link?: string
  /** When it happened, by the backend's clock; the same at every attempt. */
  readonly at: Timestamp
  /** What the message was made of: the job, its result or its error. */
  readonly notification: Notification
}

/** What became of one attempt to deliver. */
export type DeliveryResult =
  /** It has arrived, or it is certain to. `receipt`: what the receiver said, for the delivery log. */
  | { readonly status: 'delivered'; readonly receipt?: string }
  /** Not now. `retryAfter`: the receiver asked for so much time; otherwise the notifier's `retry` says when. */
  | { readonly status: 'retryable'; readonly reason: string; readonly retryAfter?: Ms }
  /** Never: trying again cannot help. */
  | { readonly status: 'permanent'; readonly reason: string }

/** What a channel knows of an attempt. */
export interface DeliveryAttemptContext {
  /** Aborts when the attempt has had its time, or the notifier closes. */
  readonly signal: AbortSignal
  /** 1 for the first. */
  readonly attempt: number
}

/** A way for messages to travel. */
export interface Channel {
  /**
   * Brings one message to its recipient and answers what became of it; nothing stands for `delivered`. What it throws counts as retryable, but for `Unrecoverable` and
   * `RetryLater` of `@jobport/core`, which say otherwise. A message may come again although it was delivered, when the process ended before that was stored.
   * Reasons and receipts are stored and logged: leave secrets out of them.
   */
  deliver(message: Message, delivery: DeliveryAttemptContext): DeliveryResult | void | Promise<DeliveryResult | void>
  /** Checks, without delivering anything, that the channel could deliver. Rejects with what is wrong. */
  verify?(): Promise<void>
  /** Lets go of what `deliver` has opened. `deliver` may be called again afterwards. */
  close?(): Promise<void>
}
