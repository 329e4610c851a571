import { promises } from '../judge/promises.ts'
import type { Trial } from '../try-seed.ts'
import { describe, excerpt } from './excerpt.ts'

/** Tells of a seed that broke a promise: which, how, what happened before, and how to see it again. */
export function describeFailure({ scenario, history, violations }: Trial): string {
  const [first] = violations
  if (first === undefined) return `seed ${scenario.seed} keeps every promise`
  const says = promises.find(({ name }) => name === first.promise)!.says
  const others = violations.length - 1
  return [
    `Seed ${scenario.seed} (${scenario.kind}${scenario.fenced ? '' : ', unfenced'}) breaks the promise of ${first.promise}: ${says}`,
    `  ${first.how}`,
    ...(others > 0 ? [`  and ${others} more`] : []),
    '',
    ...excerpt(history, first).map(describe),
    '',
    `To see it again: pnpm simulate --seed ${scenario.seed}    (all of it: --verbose)`,
  ].join('\n')
}
