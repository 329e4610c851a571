import { jobPlans } from '../../plan/job-plan.ts'
import { sentOutcome } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const outcomesAlone: PromiseOf = {
  name: 'outcomes',
  says: 'An accepted job is handed out until it has an outcome; one that is dead lies among the dead letters; no job comes from nowhere.',
  check({ setting, ledger, broken }) {
    const planned = new Set(jobPlans(setting.jobs).map(({ id }) => id))
    for (const id of planned) {
      if (!ledger.jobs.get(id)?.enqueues.length) broken(`${id} was never accepted`, id)
    }
    for (const job of ledger.jobs.values()) {
      const { id, attempts, enqueues } = job
      const outcome = sentOutcome(job)
      if (outcome === undefined) broken(`${id} has no outcome, and was handed out ${attempts.length} times`, id)
      if (outcome === 'dead' && !ledger.deadLetters.has(id)) broken(`${id} is dead and not among the dead letters`, id)
      const isFollower = id.includes(':')
      if (enqueues.length === 0 && !isFollower && !planned.has(id)) broken(`${id} came from nowhere`, id)
    }
    for (const id of ledger.deadLetters) {
      const hasDied = ledger.jobs.get(id)?.attempts.some(({ settlement }) => settlement?.to === 'dead')
      if (hasDied !== true) broken(`${id} is among the dead letters, and nobody said that it is dead`, id)
    }
  },
}
