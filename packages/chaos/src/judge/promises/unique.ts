import { jobPlans } from '../../plan/job-plan.ts'
import type { Job } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const unique: PromiseOf = {
  name: 'unique',
  says: 'A unique key has one holder until that is finished; a duplicate is answered with the job that it is of.',
  check({ setting, ledger, broken }) {
    const sharing = new Map<string, Job[]>()
    for (const { id, unique: key } of jobPlans(setting.jobs)) {
      const job = ledger.jobs.get(id)
      if (key === undefined || job === undefined) continue
      const earlier = sharing.get(key) ?? []
      sharing.set(key, [...earlier, job])
      for (const { of, since } of job.enqueues) {
        if (of === undefined || of === id) continue
        const holder = earlier.find((other) => other.id === of)
        if (holder === undefined) broken(`${id} was called a duplicate of ${of}, which does not share its key`, id, of)
        else if (finishedBy(holder) < since) broken(`${id} was called a duplicate of ${of}, which was finished`, id, of)
      }
      const stored = Math.min(...job.enqueues.filter(({ of }) => of === undefined).map(({ at }) => at))
      const holder = earlier.find((other) => acceptedAt(other) < firstSent(job) && openUntil(other) > stored)
      if (holder !== undefined) broken(`${id} was stored while ${holder.id} held its unique key`, id, holder.id)
    }
  },
}

function acceptedAt({ id, enqueues }: Job): number {
  return Math.min(...enqueues.filter(({ of }) => of === undefined || of === id).map(({ at }) => at))
}

function firstSent({ enqueues }: Job): number {
  return Math.min(...enqueues.map(({ since }) => since))
}

/** Certainly open until then. */
function openUntil({ attempts, record }: Job): number {
  return attempts.find(({ attempt }) => attempt === record?.attempt)?.settlement?.since ?? -Infinity
}

/** Certainly finished then. */
function finishedBy({ attempts, record }: Job): number {
  const replies = attempts.find(({ attempt }) => attempt === record?.attempt)?.settlement?.replies ?? []
  return replies.find(({ reply }) => reply === 'applied')?.at ?? Infinity
}
