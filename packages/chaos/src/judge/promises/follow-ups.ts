import { jobPlans } from '../../plan/job-plan.ts'
import type { PromiseOf } from '../promise.ts'

export const followUps: PromiseOf = {
  name: 'follow-ups',
  says: 'What follows from a completion is stored with it, exactly once.',
  check({ setting, ledger, broken }) {
    const followers = new Map<string, string[]>()
    for (const { id, record } of ledger.jobs.values()) {
      if (record?.name !== 'chaos.follower') continue
      const { key } = JSON.parse(record.payload) as { readonly key: string }
      followers.set(key, [...(followers.get(key) ?? []), id])
    }
    for (const { id, kind } of jobPlans(setting.jobs)) {
      const record = ledger.jobs.get(id)?.record
      if (record === undefined) continue
      const expected = kind === 'followed' && record.state === 'completed' ? 1 : 0
      const found = followers.get(`after ${id}`) ?? []
      if (found.length !== expected)
        broken(`${id} is ${record.state} and followed by ${found.length} jobs instead of ${expected}`, id, ...found)
    }
  },
}
