import { jobPlans } from '../../plan/job-plan.ts'
import { isBroker } from '../../plan/setting.ts'
import type { Job } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const groups: PromiseOf = {
  name: 'groups',
  says: 'The next job of a group is handed out when all before it are finished.',
  check({ setting, ledger, broken }) {
    // What is sent again comes after its juniors: no broker with a store has groups.
    if (isBroker(setting.backend)) return
    const members = new Map<string, Job[]>()
    for (const { id, group } of jobPlans(setting.jobs)) {
      const job = ledger.jobs.get(id)
      if (group === undefined || job === undefined) continue
      const earlier = members.get(group) ?? []
      members.set(group, [...earlier, job])
      const first = Math.min(...job.attempts.map(({ at }) => at))
      const open = earlier.find((other) => openUntil(other) > first)
      if (open !== undefined) broken(`${id} was handed out before ${open.id} of its group was finished`, open.id, id)
    }
  },
}

/** The last moment of which it is certain that the job was not finished. */
function openUntil({ attempts, record }: Job): number {
  const decided = attempts.find(({ attempt }) => attempt === record?.attempt)?.settlement?.since ?? -Infinity
  return Math.max(decided, ...attempts.map(({ since }) => since))
}
