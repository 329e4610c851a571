import type { PromiseOf } from '../promise.ts'

export const quarantine: PromiseOf = {
  name: 'quarantine',
  says: 'A job that is suspected of killing its worker shares no worker with another suspect: it takes no innocent to the grave.',
  watch({ ledger, scenario, broken }) {
    const suspectFrom = Math.max(1, scenario.maxCrashes - 1)
    /** What a crash does to those that were held beside the one who did it. */
    const beside = new Map<string, string>()
    return {
      see(event) {
        if (event.type === 'crash' && event.cause.startsWith('poison ')) {
          const killer = event.cause.slice('poison '.length)
          if ((ledger.jobs.get(killer)?.crashes ?? 0) < suspectFrom) return
          for (const job of ledger.active) {
            const claim = job.claims.at(-1)!
            if (claim.by === event.by && job.id !== killer && claim.begun && job.crashes >= suspectFrom)
              beside.set(`${job.id} ${claim.attempt}`, killer)
          }
        }
        if (event.type !== 'claim') return
        const job = ledger.jobs.get(event.id)
        const claim = job && ledger.holding(job)
        const killer = claim && beside.get(`${event.id} ${claim.attempt}`)
        if (killer !== undefined) {
          broken(
            `${event.id} crashed for the ${event.crashes}. time, with ${killer}, which had killed its workers before`,
            {
              jobs: [event.id, killer],
              processes: [claim!.by],
            },
          )
        }
      },
    }
  },
}
