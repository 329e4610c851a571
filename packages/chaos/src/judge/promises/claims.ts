import { LEASE } from '../../plan/setting.ts'
import { verdictOn } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const claims: PromiseOf = {
  name: 'claims',
  says: 'A job is in one hand at a time, each claim has a number of its own, and a finished job is not handed out.',
  check({ ledger, broken }) {
    for (const { id, attempts } of ledger.jobs.values()) {
      for (const [index, attempt] of attempts.entries()) {
        for (const earlier of attempts.slice(0, index)) {
          if (earlier.attempt === attempt.attempt) {
            broken(`${id} was handed out twice as attempt ${attempt.attempt}, to ${earlier.by} and ${attempt.by}`, id)
            continue
          }
          const [first, second] = earlier.attempt < attempt.attempt ? [earlier, attempt] : [attempt, earlier]
          const left = first.grant.since + LEASE - second.at
          const gaveUp = first.settlement !== undefined && first.settlement.since < second.at
          if (left > 0 && !gaveUp)
            broken(
              `${id} was handed to ${second.by} while ${first.by} had its lease for another ${left.toFixed()} ms`,
              id,
            )
          if (first.settlement === undefined || first.settlement.to === 'waiting' || verdictOn(first) !== 'applied')
            continue
          const told = first.settlement.replies.find(({ reply }) => reply === 'applied')!
          if (told.at < second.since) broken(`${id} was ${first.settlement.to} and was handed to ${second.by}`, id)
        }
      }
    }
  },
}
