import { isFinal } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const unique: PromiseOf = {
  name: 'unique',
  says: 'A unique key has one holder, until it is finished and its time is over; a duplicate is answered with the one that it is of.',
  watch({ ledger, broken }) {
    return {
      see(event) {
        if (event.type !== 'enqueue') return
        const { at, id, by, queue, status, of } = event
        const holder =
          event.unique === undefined
            ? undefined
            : [...ledger.jobs.values()].find(
                (job) =>
                  job.queue === queue &&
                  job.unique === event.unique &&
                  job.id !== id &&
                  (!isFinal(job) || at < job.uniqueUntil),
              )
        const concerned = { jobs: holder === undefined ? [id] : [id, holder.id], processes: [by] }
        if (status === 'enqueued' && holder !== undefined)
          broken(`${id} was stored while ${holder.id} held its unique key`, concerned)
        if (status === 'duplicate' && of === id && !ledger.jobs.has(id))
          broken(`${id} was refused as known, and is not`, concerned)
        if (status === 'duplicate' && of !== id && of !== holder?.id)
          broken(`${id} was called a duplicate of ${of}, which it is not`, concerned)
      },
    }
  },
}
