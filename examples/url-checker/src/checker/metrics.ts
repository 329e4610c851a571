import { Histogram, type Registry } from 'prom-client'
import type { Report } from '../report/report.ts'

/** What the sites are like, beside what the jobs are like. Answers what counts a check. */
export function createCheckMetrics(registry: Registry): (report: Report) => void {
  const duration = new Histogram({
    name: 'url_check_duration_seconds',
    help: 'How long checks took that found something out, with all redirects',
    labelNames: ['outcome'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  })
  return ({ outcome, ms }) => duration.observe({ outcome }, ms / 1_000)
}
