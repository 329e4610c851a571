import type { Ms } from '@jobport/core'
import { lapsesOf } from '../lapses.ts'
import { isTroubled } from '../ledger.ts'
import type { PromiseOf } from '../promise.ts'

/** What the worker gives its handlers, what those may take to notice, what it gives its last calls, and room for a busy machine. */
const LONGEST: Ms = 1_000 + 500 + 1_000 + 10_000 + 2_000

export const graceful: PromiseOf = {
  name: 'graceful',
  says: 'A process ends only when it is told to. A worker that is asked to does so soon, and gives back every job that it holds.',
  check({ ledger, broken }) {
    for (const { process, how } of ledger.exits) {
      if (/^[1-9]/.test(how)) broken(`${process} ended with status ${how}`)
    }
    for (const [process, { asked, closed }] of ledger.lives) {
      if (asked !== undefined && closed !== undefined && closed - asked > LONGEST)
        broken(`${process} took ${(closed - asked).toFixed()} ms to close`)
    }
    for (const { job, attempt } of lapsesOf(ledger)) {
      const { closed, troubles } = ledger.life(attempt.by)
      if (closed === undefined || isTroubled([...ledger.troubles, ...troubles], attempt.since, closed)) continue
      if (attempt.settlement === undefined)
        broken(`${job.id} was held by ${attempt.by}, which closed without a word of it`, job.id)
    }
  },
}
