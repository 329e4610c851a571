import { jobPlans } from '../../plan/job-plan.ts'
import { sentOutcome } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const whatFollowsAlone: PromiseOf = {
  name: 'what follows',
  says: 'A completion is followed, and an outcome announced, at least once.',
  check({ setting, ledger, broken }) {
    const followed = new Set([...ledger.jobs.values()].flatMap(({ attempts }) => attempts.map(({ key }) => key)))
    const announced = new Set(ledger.deliveries.map(({ id, outcome }) => `${id} ${outcome}`))
    for (const { id, kind } of jobPlans(setting.jobs)) {
      const job = ledger.jobs.get(id)
      const outcome = job && sentOutcome(job)
      if (kind === 'followed' && outcome === 'completed' && !followed.has(`after ${id}`))
        broken(`${id} is completed, and nothing followed`, id)
      const isTold = kind === 'notified' || (kind === 'dying' && outcome === 'dead')
      if (isTold && outcome !== undefined && !announced.has(`${id} ${outcome}`))
        broken(`${id} is ${outcome}, and nobody was told`, id)
    }
  },
}
