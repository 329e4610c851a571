import { jobPlans } from '../../plan/job-plan.ts'
import { isFinal } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const storage: PromiseOf = {
  name: 'storage',
  says: 'An accepted job is one job, and comes to an end; no job comes from nowhere.',
  check({ setting, ledger, broken }) {
    const planned = new Set(jobPlans(setting.jobs).map(({ id }) => id))
    const byKey = new Map<string, string>()
    for (const { id, record, enqueues, attempts } of ledger.jobs.values()) {
      const isAccepted = enqueues.some(({ of }) => of === undefined || of === id)
      if (isAccepted && record === undefined) broken(`${id} was accepted and is gone`, id)
      if (attempts.length > 0 && record === undefined) broken(`${id} was handed out and is gone`, id)
      if (record !== undefined && !isFinal(record.state)) broken(`${id} never ended: it is ${record.state}`, id)
      const fresh = enqueues.filter(({ of }) => of === undefined)
      if (fresh.some(({ since }) => fresh.some(({ at }) => at < since))) broken(`${id} was accepted as new twice`, id)
      if (record === undefined || record.name === 'jobport.notification') continue
      const { key } = JSON.parse(record.payload) as { readonly key: string }
      const other = byKey.get(key)
      if (other !== undefined) broken(`${key} became two jobs, ${other} and ${id}`, other, id)
      byKey.set(key, id)
      const origin = key.replace(/^after /, '')
      if (!planned.has(origin)) broken(`${id} came from nowhere`, id)
    }
    for (const id of planned) {
      if (!ledger.jobs.get(id)?.enqueues.length) broken(`${id} was never accepted`, id)
    }
  },
}
