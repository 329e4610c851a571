import type { Inspector, QueueCounts } from '@jobport/core'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import type { Tally } from '../../terminal/display.ts'

/** How far a run is. */
export interface Snapshot {
  readonly jobs: Tally
  readonly notifications: Tally
  /** Nothing is left to do. */
  readonly isOver: boolean
}

/**
 * Counts jobs and notifications. Everything flows one way, and what follows from a job is stored together with its outcome; so when the jobs are
 * read first and all have finished, the notifications read after them are all there.
 */
export async function takeSnapshot(inspect: Inspector, queues: readonly string[]): Promise<Snapshot> {
  const counts: QueueCounts[] = []
  for (const queue of queues) counts.push(await inspect.counts(queue))
  const jobs = tally(counts)
  const notifications = tally([await inspect.counts(NOTIFICATION_QUEUE)])
  return { jobs, notifications, isOver: jobs.finished === jobs.total && notifications.finished === notifications.total }
}

function tally(counts: readonly QueueCounts[]): Tally {
  const sum = (...states: readonly (keyof QueueCounts)[]): number =>
    counts.reduce((total, each) => states.reduce((part, state) => part + Number(each[state]), total), 0)
  return {
    total: sum('waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled'),
    finished: sum('completed', 'dead', 'cancelled'),
    dead: sum('dead'),
    later: sum('scheduled'),
  }
}
