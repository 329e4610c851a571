import type { Ms } from '@jobport/core'
import type { PromiseOf } from '../promise.ts'

/** How long after the end of its lease a job may take to be claimable. */
const LATEST: Ms = 1_000

export const recovery: PromiseOf = {
  name: 'recovery',
  says: 'A job whose lease ran out is claimed within a second where anybody waits for jobs.',
  watch({ ledger, broken }) {
    const waiting = new Map<number, { readonly queue: string; readonly by: string; readonly at: Ms }>()
    const told = new Set<string>()
    const resumed = new Map<string, Ms>()
    return {
      see(event) {
        for (const job of ledger.active) {
          const claim = job.claims.at(-1)!
          const since = Math.max(claim.until, resumed.get(job.queue) ?? 0)
          if (event.at <= since + LATEST || ledger.paused.has(job.queue)) continue
          const name = `${job.id} ${claim.attempt}`
          if (told.has(name)) continue
          for (const { queue, by, at } of waiting.values()) {
            if (queue !== job.queue || at >= event.at) continue
            told.add(name)
            broken(
              `${job.id}: the lease ended ${event.at - claim.until} ms ago, ${by} waits for jobs and does not get it`,
              { jobs: [job.id], processes: [by] },
            )
            break
          }
        }
        if (event.type === 'resume-queue') resumed.set(event.queue, event.at)
        if (event.type === 'wait') waiting.set(event.call, event)
        if (event.type === 'waited') waiting.delete(event.call)
      },
    }
  },
}
