import { MAX_CRASHES } from '../../plan/setting.ts'
import { type Attempt, isFinal, type Job, verdictOn } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

export const outcomes: PromiseOf = {
  name: 'outcomes',
  says: 'One attempt decides a job; the outcome is what its handler made of it, and stays.',
  check({ ledger, broken }) {
    for (const job of ledger.jobs.values()) {
      const { id, record, attempts } = job
      const ended = attempts.filter(
        (attempt) =>
          attempt.settlement !== undefined && attempt.settlement.to !== 'waiting' && verdictOn(attempt) === 'applied',
      )
      if (ended.length > 1)
        broken(`${id} was settled twice, by attempts ${ended.map(({ attempt }) => attempt).join(' and ')}`, id)
      if (record === undefined || !isFinal(record.state)) continue
      const [decided] = ended
      if (decided !== undefined && (decided.settlement!.to !== record.state || decided.attempt !== record.attempt)) {
        const told = `attempt ${decided.attempt} ${decided.settlement!.to}`
        broken(`${id} is recorded as attempt ${record.attempt} ${record.state}, and its worker was told ${told}`, id)
      }
      const why = objection(job)
      if (why !== undefined) broken(`${id} is ${record.state}, but ${why}`, id)
    }
  },
}

/** Why the outcome has nothing to go by. */
function objection({ record, attempts }: Job): string | undefined {
  const { state, attempt: number, result, name } = record!
  const attempt = attempts.find((each) => each.attempt === number)
  if (attempt?.settlement === undefined || attempt.settlement.to !== state) return 'nobody settled it so'
  if (state === 'cancelled') return 'nobody asked for it'
  if (state === 'dead') {
    const crashed = attempt.crashes >= MAX_CRASHES
    return crashed || hasEnded(attempt, 'Error') ? undefined : `attempt ${number} has not failed`
  }
  if (!hasEnded(attempt, 'returned')) return `the handler of attempt ${number} has not returned`
  if (name === 'jobport.notification') return undefined
  const decided = (JSON.parse(result ?? '{}') as { readonly attempt?: number }).attempt
  return decided === number ? undefined : `the result is of attempt ${decided}, not ${number}`
}

function hasEnded({ ends, settlement }: Attempt, how: string): boolean {
  return ends.some((end) => end.how === how && end.at <= settlement!.since)
}
