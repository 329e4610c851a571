import type { FinalState } from '@jobport/core'
import type { PromiseOf } from '../promise.ts'

export const results: PromiseOf = {
  name: 'results',
  says: 'Who waits for a result learns it, however often the backend is away, and it is the outcome of the job.',
  watch({ ledger, broken }) {
    return {
      see(event) {
        if (event.type !== 'result') return
        const { id, by, told, key } = event
        const job = ledger.jobs.get(id)
        if (job === undefined) return
        const concerned = { jobs: [id], processes: [by] }
        if (!job.outcomes.includes(told as FinalState))
          broken(`${by} was told that ${id} is ${told}, and it is ${job.state}`, concerned)
        else if (key !== undefined && key !== job.key)
          broken(`${by} was given the result of ${key} for ${id}, which is ${job.key}`, concerned)
      },
    }
  },
}
