import type { Distribution } from './histogram.ts'

/** What is measured, under the names that Prometheus gives it. Every label is a queue, a job name or one of a few fixed words. */
export const FAMILIES = {
  jobport_enqueues_total: [
    'counter',
    'Jobs handed over by this process, by what became of them: enqueued, duplicate, refused',
  ],
  jobport_jobs_finished_total: [
    'counter',
    'Jobs that reached a final state in this process: completed, dead, cancelled',
  ],
  jobport_job_failures_total: ['counter', 'Attempts that failed, with those that made their job dead'],
  jobport_job_retries_total: ['counter', 'Attempts that failed and are followed by another one'],
  jobport_job_returns_total: ['counter', 'Jobs given back without counting as a failure, by reason'],
  jobport_leases_lost_total: ['counter', 'Attempts that lost their lease: what they did changed nothing'],
  jobport_jobs_abandoned_total: ['counter', 'Handlers that did not stop when their signal aborted'],
  jobport_jobs_unknown_total: ['counter', 'Claimed jobs that no handler of their worker knows'],
  jobport_job_duration_seconds: ['histogram', 'How long handlers ran, by outcome: completed, failed'],
  jobport_group_blocked_seconds: [
    'gauge',
    'How long a group has been blocked by a job of its own that fails: the longest of those that this process knows, 0 when it knows none',
  ],
  jobport_queue_jobs: ['gauge', 'Jobs in a queue by state; the same from every process that asks the backend'],
  jobport_queue_oldest_waiting_seconds: ['gauge', 'Age of the oldest job that waits to be claimed'],
  jobport_queue_paused: ['gauge', '1 while nothing is claimed from the queue'],
  jobport_backend_up: ['gauge', '1 when the backend answered the newest question for its queues'],
  jobport_workers: ['gauge', 'Workers of this process'],
  jobport_worker_running: ['gauge', 'Handlers that are running'],
  jobport_worker_concurrency: ['gauge', 'Handlers that may run at the same time'],
  jobport_worker_ready: ['gauge', 'Jobs that are claimed and not started'],
  jobport_worker_blocked_total: ['counter', 'Times that the event loop was blocked for too long'],
  jobport_worker_blocked_seconds_total: ['counter', 'Seconds for which the event loop was blocked'],
  jobport_worker_errors_total: ['counter', 'Things that went wrong in a worker and are no fault of a job'],
  jobport_notifications_total: ['counter', 'Notifications by channel and outcome: delivered, delayed, undeliverable'],
} as const satisfies Record<string, readonly ['counter' | 'gauge' | 'histogram', string]>

export type FamilyName = keyof typeof FAMILIES
export type Labels = Readonly<Record<string, string>>

/** One value of a family, by its labels. */
export interface Sample {
  readonly family: FamilyName
  readonly labels: Labels
  readonly value: number | Distribution
}
