import { RETRIES } from '../../play/definitions.ts'
import type { JobPlan } from '../../scenario/scenario.ts'
import type { Job } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const retries: PromiseOf = {
  name: 'retries',
  says: 'A job fails at most once more than it has retries, and not less; it crashes its worker at most `maxCrashes` times.',
  watch({ ledger, scenario, broken }) {
    const plans = new Map(scenario.jobs.map((plan) => [plan.key, plan]))
    return {
      see(event) {
        if (event.type === 'start') {
          const job = ledger.jobs.get(event.id)
          if (job !== undefined && job.crashes >= scenario.maxCrashes) {
            broken(`${event.id} was started after ${job.crashes} crashes`, { jobs: [event.id], processes: [event.by] })
          }
        }
        if (event.type !== 'settle' || event.reply !== 'applied') return
        const { id, by, to, error } = event
        const job = ledger.jobs.get(id)
        if (job === undefined || ledger.holding(job)?.attempt !== event.attempt) return
        const concerned = { jobs: [id], processes: [by] }
        const most = retriesOf(job, plans.get(job.key ?? ''))
        const failures = job.failures + 1
        if (to === 'waiting' && event.counts === 'failure' && failures > most) {
          broken(`${id} is to be tried again after ${failures} failures, with ${most} retries`, concerned)
        }
        if (to !== 'dead' || error === 'Unrecoverable') return
        if (error === 'JobCrashedError') {
          if (job.crashes < scenario.maxCrashes)
            broken(`${id} is dead for ${job.crashes} crashes of ${scenario.maxCrashes}`, concerned)
        } else if (failures <= most) broken(`${id} is dead after ${failures} failures, with ${most} retries`, concerned)
      },
    }
  },
}

function retriesOf({ name }: Job, plan: JobPlan | undefined): number {
  if (name.startsWith('jobport.')) return 30
  return plan === undefined ? 5 : (plan.retries ?? RETRIES[plan.kind])
}
