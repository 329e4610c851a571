import type { PromiseOf } from '../promise.ts'

export const quiescence: PromiseOf = {
  name: 'quiescence',
  says: 'In the end no job waits, is due later, or is held by anybody.',
  check({ ledger, broken }) {
    for (const { queue, open } of ledger.counts) {
      if (open > 0) broken(`${open} jobs of queue ${queue} are still open`)
    }
    if (ledger.counts.length === 0) broken('nobody could count what is left')
  },
}
