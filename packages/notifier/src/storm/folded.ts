import type { Inspector, JobId, JobRecord, Notification } from '@jobport/core/notify'
import { UPKEEP_QUEUE } from '@jobport/core/notify'

/** A notification that is not delivered by itself, as it waits to be counted: without the job's data. */
export interface Folded {
  readonly recipient: string
  readonly notification: Notification
}

/** More are left to the next digest. Bounds what one digest reads, and what follows from it in one write. */
const MOST = 5_000
const PAGE = 500

export function slim(notification: Notification): Notification {
  const { result: _, input: __, error, ...rest } = notification
  return { ...rest, ...(error && { error: { name: error.name, message: error.message.slice(0, 500) } }) }
}

/** The jobs of the upkeep queue of that name that wait or are scheduled, oldest first and each once. */
export async function pending(inspect: Inspector, name: string, most = MOST): Promise<ReadonlyMap<JobId, JobRecord>> {
  const found = new Map<JobId, JobRecord>()
  for (const state of ['waiting', 'scheduled'] as const) {
    let after: string | undefined
    do {
      const page = await inspect.list({
        queue: UPKEEP_QUEUE,
        state,
        name,
        limit: PAGE,
        ...(after !== undefined && { after }),
      })
      for (const job of page.jobs) found.set(job.id, job)
      after = page.next
    } while (after !== undefined && found.size < most)
  }
  return found
}

/** What every job of storm control says: whose notifications it is about. */
export function recipientOf(record: JobRecord): string {
  return (JSON.parse(record.payload) as { readonly recipient: string }).recipient
}
