import type { JobInfo, Ms, NotifyEvent, Recipient, Severity } from '@jobport/core/notify'

/** One attempt at a notification, for logs and metrics. It holds neither the job's data nor the words of the message. */
export interface DeliveryEntry {
  /** ISO 8601, by the clock of this process. */
  readonly at: string
  /** Of the notification. */
  readonly id: string
  readonly event: NotifyEvent
  readonly severity: Severity
  readonly to: Recipient
  readonly job: Pick<JobInfo, 'id' | 'name' | 'queue'>
  /** Absent where no channel was asked. */
  readonly channel?: string
  readonly attempt: number
  /**
   * `delivered`: a channel has taken it. `retryable`: it comes again. `permanent`: no attempt can help. `folded`: it is counted in a digest to come. `held`: it waits for the
   * end of quiet hours.
   */
  readonly status: DeliveryStatus
  readonly took: Ms
  /** What the receiver said, or why it was not delivered. */
  readonly detail?: string
}

export type DeliveryStatus = 'delivered' | 'retryable' | 'permanent' | 'folded' | 'held'

/** The newest attempts, and how many there were. */
export interface DeliveryLog {
  /** Give it to the notifier's `on('attempt', …)`. */
  readonly record: (entry: DeliveryEntry) => void
  /** Oldest first. */
  readonly entries: readonly DeliveryEntry[]
  /** Since the start, by channel and status; `-` stands for no channel. */
  readonly totals: Readonly<Record<string, { readonly [Status in DeliveryStatus]?: number }>>
}

/**
 * Keeps the newest attempts in memory.
 * @example
 * ```ts
 * const log = deliveryLog()
 * notifier.on('attempt', log.record)
 * ```
 */
export function deliveryLog({ size = 1_000 }: { readonly size?: number } = {}): DeliveryLog {
  const entries: DeliveryEntry[] = []
  const totals: Record<string, { [Status in DeliveryStatus]?: number }> = Object.create(null) as object as never
  return {
    entries,
    totals,
    record: (entry) => {
      entries.push(entry)
      if (entries.length > size) entries.shift()
      const total = (totals[entry.channel ?? '-'] ??= {})
      total[entry.status] = (total[entry.status] ?? 0) + 1
    },
  }
}
