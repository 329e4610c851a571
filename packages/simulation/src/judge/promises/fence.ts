import type { PromiseOf } from '../promise.ts'

export const fence: PromiseOf = {
  name: 'fence',
  says: 'Only the newest claim of a job can settle or extend it, and only once; it is told the truth about it.',
  watch({ ledger, broken }) {
    return {
      see(event) {
        if (event.type !== 'settle' && event.type !== 'extend') return
        const { id, by, attempt, reply } = event
        const job = ledger.jobs.get(id)
        if (job === undefined) return
        const concerned = { jobs: [id], processes: [by] }
        const holds = ledger.holding(job)?.attempt === attempt
        const granted = reply === 'applied' || reply === 'cancelled'
        if (holds && !granted)
          broken(`${id}: attempt ${attempt} holds the job, and its ${event.type} was answered ${reply}`, concerned)
        if (holds || !granted) return
        const repeats = event.type === 'settle' && ledger.claimOf(id, attempt)?.settled !== undefined
        if (!repeats)
          broken(
            `${id}: attempt ${attempt} does not hold the job any more, and its ${event.type} was ${reply}`,
            concerned,
          )
      },
    }
  },
}
