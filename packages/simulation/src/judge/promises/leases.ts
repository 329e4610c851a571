import type { Ms } from '@jobport/core'
import type { PromiseOf } from '../promise.ts'

/** Clocks that run at different rates, and timers that tick in whole milliseconds. */
const SLACK: Ms = 20
/** Lost calls hold up others until they are given up. */
const LINGERING: Ms = 2_000

export const leases: PromiseOf = {
  name: 'leases',
  says: 'A lease is extended every third of it, and runs out only when trouble befell the process that held it: not while its handler works, not when it closes.',
  watch({ ledger, scenario, troubles, broken }) {
    /** When the server last heard of each claim. */
    const heard = new Map<string, Ms>()
    const most = scenario.lease / 3 + 6 * scenario.weather.latency + SLACK
    return {
      see(event) {
        if (event.type === 'extend' || event.type === 'settle') {
          const { id, by, attempt, at } = event
          const name = `${id} ${attempt}`
          const last = heard.get(name)
          if (last === undefined) return
          if (event.type === 'extend') heard.set(name, at)
          else heard.delete(name)
          if (at - last <= most || troubles.since(by, last - LINGERING)) return
          broken(`${id}: ${by} let ${at - last} ms of a lease of ${scenario.lease} pass without a word`, {
            jobs: [id],
            processes: [by],
          })
        }
        if (event.type !== 'claim') return
        heard.set(`${event.id} ${event.attempt}`, event.at)
        const job = ledger.jobs.get(event.id)
        const claim = job && ledger.holding(job)
        if (claim === undefined) return
        const from = Math.min(claim.at, troubles.closingAt(claim.by) ?? Infinity)
        if (troubles.since(claim.by, from)) return
        broken(`${event.id}: the lease of attempt ${claim.attempt} ran out, and nothing had befallen ${claim.by}`, {
          jobs: [event.id],
          processes: [claim.by],
        })
      },
    }
  },
}
