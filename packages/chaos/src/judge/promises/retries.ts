import { jobPlan } from '../../plan/job-plan.ts'
import { MAX_CRASHES } from '../../plan/setting.ts'
import { type Attempt, type Job, verdictOn } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const retries: PromiseOf = {
  name: 'retries',
  says: 'A job fails at most once more than it has retries, and crashes its worker at most `maxCrashes` times; both are counted right.',
  check({ ledger, broken }) {
    for (const job of ledger.jobs.values()) {
      const { id, attempts, record } = job
      const most = retriesOf(id)
      for (const attempt of attempts) {
        const { attempt: number, failures, crashes, started } = attempt
        if (failures > most) broken(`${id} is tried again after ${failures} failures, with ${most} retries`, id)
        if (started !== undefined && crashes >= MAX_CRASHES) broken(`${id} was started after ${crashes} crashes`, id)
        const [least, mostFailures] = failuresBefore(job, attempt)
        if (failures < least || failures > mostFailures)
          broken(
            `${id}: attempt ${number} was told of ${failures} failures, and there were ${least} to ${mostFailures}`,
            id,
          )
        const spoken = attempts.filter((each) => each.attempt < number && verdictOn(each) === 'applied').length
        if (crashes > number - 1 - spoken)
          broken(
            `${id}: attempt ${number} was told of ${crashes} crashes, and ${number - 1 - spoken} ended without a word`,
            id,
          )
      }
      if (record?.state !== 'dead') continue
      if (record.crashes < MAX_CRASHES && record.failures < most)
        broken(
          `${id} is dead after ${record.failures} failures, with ${most} retries, and ${record.crashes} crashes`,
          id,
        )
    }
  },
}

/** A follower and a notification have as many as they are defined with. */
export function retriesOf(id: string): number {
  const index = /^job-(\d+)$/.exec(id)?.[1]
  if (index !== undefined) return jobPlan(Number(index)).retries
  return id.includes(':follow-up:') ? 3 : 15
}

/** How many failures an attempt may know of: those whose settlement was confirmed, and those where nobody lived to hear. */
function failuresBefore({ attempts }: Job, { attempt: number }: Attempt): readonly [least: number, most: number] {
  const failed = attempts.filter(({ attempt, settlement }) => attempt < number && settlement?.counts === 'failure')
  const least = failed.filter((attempt) => verdictOn(attempt) === 'applied').length
  const inDoubt = failed.filter((attempt) => verdictOn(attempt) === undefined).length
  return [least, least + inDoubt]
}
