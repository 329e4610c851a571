import type { Sample } from './families.ts'
import { Histogram } from './histogram.ts'

/** What has happened to the jobs of one name in one queue. Plain fields: they are counted with every job, and read at a scrape. */
export class JobSeries {
  readonly queue: string
  readonly name: string
  enqueued = 0
  duplicates = 0
  refused = 0
  completed = 0
  dead = 0
  cancelled = 0
  failures = 0
  retries = 0
  lost = 0
  abandoned = 0
  unknown = 0
  readonly returns = new Map<string, number>()
  readonly completions: Histogram
  readonly failed: Histogram

  constructor(queue: string, name: string, bounds: readonly number[]) {
    this.queue = queue
    this.name = name
    this.completions = new Histogram(bounds)
    this.failed = new Histogram(bounds)
  }

  returned(reason: string): void {
    this.returns.set(reason, (this.returns.get(reason) ?? 0) + 1)
  }

  /** Also those that are 0: a rate needs a beginning. `blocked`: seconds for which a group has been so. */
  read(blocked: number): readonly Sample[] {
    const labels = { queue: this.queue, job_name: this.name }
    return [
      { family: 'jobport_enqueues_total', labels: { ...labels, status: 'enqueued' }, value: this.enqueued },
      { family: 'jobport_enqueues_total', labels: { ...labels, status: 'duplicate' }, value: this.duplicates },
      { family: 'jobport_enqueues_total', labels: { ...labels, status: 'refused' }, value: this.refused },
      { family: 'jobport_jobs_finished_total', labels: { ...labels, state: 'completed' }, value: this.completed },
      { family: 'jobport_jobs_finished_total', labels: { ...labels, state: 'dead' }, value: this.dead },
      { family: 'jobport_jobs_finished_total', labels: { ...labels, state: 'cancelled' }, value: this.cancelled },
      { family: 'jobport_job_failures_total', labels, value: this.failures },
      { family: 'jobport_job_retries_total', labels, value: this.retries },
      { family: 'jobport_leases_lost_total', labels, value: this.lost },
      { family: 'jobport_jobs_abandoned_total', labels, value: this.abandoned },
      { family: 'jobport_jobs_unknown_total', labels, value: this.unknown },
      { family: 'jobport_group_blocked_seconds', labels, value: blocked },
      ...[...this.returns].map(([reason, value]): Sample => {
        return { family: 'jobport_job_returns_total', labels: { ...labels, reason }, value }
      }),
      {
        family: 'jobport_job_duration_seconds',
        labels: { ...labels, outcome: 'completed' },
        value: this.completions.read(),
      },
      { family: 'jobport_job_duration_seconds', labels: { ...labels, outcome: 'failed' }, value: this.failed.read() },
    ]
  }
}
