import { type Attempt, verdictOn } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const fence: PromiseOf = {
  name: 'fence',
  says: 'Only the newest claim of a job can settle or extend it, and who does not hold it is told so.',
  check({ ledger, broken }) {
    for (const { id, attempts } of ledger.jobs.values()) {
      for (const attempt of attempts) {
        const next = attempts.filter((other) => other.attempt > attempt.attempt)
        if (next.length === 0) continue
        const taken = Math.min(...next.map(({ at }) => at))
        const late = attempt.settlement !== undefined && attempt.settlement.since > taken
        if (late && verdictOn(attempt) === 'applied') tell(id, attempt, `its settlement to ${attempt.settlement!.to}`)
        if (attempt.extensions.some(({ since, reply }) => since > taken && reply === 'applied'))
          tell(id, attempt, 'its extension')
      }
    }

    function tell(id: string, { attempt, by }: Attempt, what: string): void {
      broken(`${id}: attempt ${attempt} of ${by} does not hold the job any more, and ${what} was applied`, id)
    }
  },
}
