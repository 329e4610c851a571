import { jobPlans } from '../../plan/job-plan.ts'
import { LATEST, LEASE } from '../../plan/setting.ts'
import { isTroubled, type Attempt, type Job, type Ledger } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

/** A job whose outcome was sent may come again, after its juniors as well: the broker may not have heard of it. So only the first outcome counts. */
export const groupsAlone: PromiseOf = {
  name: 'groups',
  says: 'The next job of a group is handed out when each before it has an outcome, and none while another is at work, unless its worker has lost the connection.',
  check({ setting, ledger, broken }) {
    const members = new Map<string, Job[]>()
    for (const { id, group } of jobPlans(setting.jobs)) {
      const job = ledger.jobs.get(id)
      if (group === undefined || job === undefined) continue
      const earlier = members.get(group) ?? []
      members.set(group, [...earlier, job])
      const first = Math.min(...job.attempts.map(({ at }) => at))
      const open = earlier.find((other) => openUntil(other) > first)
      if (open !== undefined) broken(`${id} was handed out before ${open.id} of its group had an outcome`, open.id, id)
    }
    for (const jobs of members.values()) {
      const attempts = jobs.flatMap((job) => job.attempts).toSorted((a, b) => a.at - b.at)
      for (const [index, attempt] of attempts.entries()) {
        const held = attempts.slice(0, index).find((other) => heldUntil(other) > attempt.at)
        if (held !== undefined && !isExcused(held, attempt, ledger))
          broken(
            `${attempt.id} was handed out while ${held.by} was at work on ${held.id} of its group`,
            held.id,
            attempt.id,
          )
      }
    }
  },
}

/** The last moment of which it is certain that no attempt had sent an outcome. */
function openUntil({ attempts }: Job): number {
  const sent = attempts.flatMap(({ settlement }) =>
    settlement === undefined || settlement.to === 'waiting' ? [] : [settlement.since],
  )
  return Math.min(...sent)
}

function heldUntil({ settlement, grant }: Attempt): number {
  return Math.min(settlement?.since ?? Infinity, grant.since + LEASE)
}

/**
 * The connection may be gone, and with it the job; of the next one as well, where its process stood still and has not noticed yet. A death by a job's own hand is
 * noted a moment later.
 */
function isExcused(held: Attempt, next: Attempt, ledger: Ledger): boolean {
  return (
    isTroubled(ledger.troubles, held.at, next.at) ||
    isTroubled(ledger.life(held.by).troubles, held.since, next.at + LATEST) ||
    isTroubled(ledger.life(next.by).troubles, next.since - LATEST, next.at)
  )
}
