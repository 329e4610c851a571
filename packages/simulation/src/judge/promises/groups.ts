import { isFinal, type Job } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

/**
 * What a lease can promise is the order of outcomes: a job is claimed only when those before it have theirs. Handlers of one group may
 * still overlap in time: one that lost its lease and has not noticed runs on beside its own next attempt and the jobs after it.
 */
export const groups: PromiseOf = {
  name: 'groups',
  says: 'The next job of a group is claimed when all before it are finished.',
  watch({ ledger, broken }) {
    const members = new Map<string, Job[]>()
    return {
      see(event) {
        if (event.type !== 'claim') return
        const job = ledger.jobs.get(event.id)
        if (job?.group === undefined || job.redrives > 0) return
        const name = `${job.queue} ${job.group}`
        let earlier = members.get(name)
        if (earlier === undefined) members.set(name, (earlier = []))
        earlier.length = 0
        for (const other of ledger.jobs.values()) {
          if (other === job) break
          if (other.queue === job.queue && other.group === job.group) earlier.push(other)
        }
        const open = earlier.find((other) => !isFinal(other) && other.redrives === 0)
        if (open !== undefined)
          broken(`${job.id} was claimed before ${open.id} of its group was finished`, {
            jobs: [job.id, open.id],
            processes: [event.by],
          })
      },
    }
  },
}
