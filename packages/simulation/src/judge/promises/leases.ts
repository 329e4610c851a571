import type { PromiseOf } from '../promise.ts'

export const leases: PromiseOf = {
  name: 'leases',
  says: 'A lease runs out only when trouble befell the process that held it: not while its handler works, not when it closes.',
  watch({ ledger, troubles, broken }) {
    return {
      see(event) {
        if (event.type !== 'claim') return
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
