import type { FinalState, Notification, Recipient } from '@jobport/core/notify'

/** A notification as a channel gets it. */
export interface Message {
  /** Of the notification: the same at every attempt and in every channel. Hand it to receivers that can recognise a repeat. */
  readonly id: string
  readonly to: Recipient
  readonly event: FinalState
  /** One line. */
  readonly subject: string
  readonly text: string
  /** What the message was made of: the job, its result or its error. */
  readonly notification: Notification
}

/** A way for messages to travel. */
export interface Channel {
  /**
   * Brings one message to its recipient; resolves when that is certain. What it throws is retried by the notifier's `retry`; `Unrecoverable` and `RetryLater`
   * of `@jobport/core` decide otherwise. A message may come again although it was delivered, when the process ended before that was stored.
   */
  deliver(message: Message, delivery: { readonly signal: AbortSignal; readonly attempt: number }): void | Promise<void>
  /** Lets go of what `deliver` has opened. `deliver` may be called again afterwards. */
  close?(): Promise<void>
}
