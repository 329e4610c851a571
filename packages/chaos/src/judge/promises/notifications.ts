import { jobPlans } from '../../plan/job-plan.ts'
import { MAX_CRASHES } from '../../plan/setting.ts'
import type { PromiseOf } from '../promise.ts'

export const notifications: PromiseOf = {
  name: 'notifications',
  says: 'Each outcome is told at least once, under one id, and never before it is stored.',
  check({ setting, ledger, broken }) {
    const told = new Map<string, Set<string>>()
    for (const { notification, id, outcome, at } of ledger.deliveries) {
      told.set(id, (told.get(id) ?? new Set()).add(notification))
      const job = ledger.jobs.get(id)
      if (job?.record?.state !== outcome) broken(`${id} was announced ${outcome}, and is ${job?.record?.state}`, id)
      const sent = job?.attempts.find(({ attempt }) => attempt === job.record?.attempt)?.settlement?.since ?? Infinity
      if (at < sent) broken(`${id} was announced before it was settled`, id)
    }
    for (const { id, kind } of jobPlans(setting.jobs)) {
      const record = ledger.jobs.get(id)?.record
      if (record === undefined) continue
      const expected = kind === 'notified' || (kind === 'dying' && record.state === 'dead') ? 1 : 0
      const found = told.get(id)?.size ?? 0
      if (found === expected || (found === 0 && gaveUp(id))) continue
      broken(`${id} is ${record.state} and was announced by ${found} notifications instead of ${expected}`, id)
    }

    /** A notification that has met the end of its worker too often is dead, as any job. */
    function gaveUp(about: string): boolean {
      return [...ledger.jobs.values()].some(
        ({ id, record }) => id.startsWith(`${about}:`) && record?.state === 'dead' && record.crashes >= MAX_CRASHES,
      )
    }
  },
}
