import type { DigestGroup, JobId, Ms, Notification, Recipient, Severity } from '@jobport/core/notify'
import { hash } from './fingerprint.ts'

const RANKS: readonly Severity[] = ['info', 'warning', 'error', 'critical']
const SAMPLES = 5
/** Further kinds are counted together: nobody reads them. */
const MOST_GROUPS = 50

/**
 * One notification for many. Its id is made of what is in it: told again after a crash it is the same as long as nothing was added, and another one
 * when something was, so that a receiver that drops repeats does not drop the addition.
 */
export function digestOf(to: Recipient, folded: ReadonlyMap<JobId, Notification>, window: Ms): Notification {
  const notifications = [...folded.values()].toSorted((a, b) => a.at! - b.at!)
  const newest = notifications.at(-1)!
  const { event, job, error } = newest
  return {
    id: `digest:${hash(JSON.stringify([to, ...[...folded.keys()].toSorted()]))}`,
    event,
    severity: RANKS[Math.max(...notifications.map(({ severity }) => RANKS.indexOf(severity)))]!,
    to,
    job,
    ...(error !== undefined && { error }),
    at: newest.at!,
    digest: {
      count: folded.size,
      since: notifications[0]!.at!,
      until: newest.at!,
      window,
      groups: groupsOf(notifications),
    },
  }
}

function groupsOf(notifications: readonly Notification[]): readonly DigestGroup[] {
  const byKind = Map.groupBy(notifications, ({ job, event }) => `${event} ${job.name}`)
  const groups = [...byKind.values()].map(groupOf).toSorted((a, b) => b.count - a.count)
  if (groups.length <= MOST_GROUPS) return groups
  const rest = groups.slice(MOST_GROUPS - 1)
  const others = {
    ...rest[0]!,
    name: `${rest.length} other names`,
    count: rest.reduce((sum, { count }) => sum + count, 0),
  }
  return [...groups.slice(0, MOST_GROUPS - 1), others]
}

function groupOf(notifications: readonly Notification[]): DigestGroup {
  const { job, event, error } = notifications.at(-1)!
  return {
    name: job.name,
    event,
    count: notifications.length,
    ...(error !== undefined && { error: { name: error.name, message: error.message } }),
    jobs: notifications.slice(-SAMPLES).map((notification) => notification.job.id),
  }
}
