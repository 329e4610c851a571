import { judge, type Violation } from './judge/judge.ts'
import type { HistoryEvent } from './history/event.ts'
import type { Mutant } from './mutants/mutant.ts'
import { invent } from './scenario/invent.ts'
import type { Scenario } from './scenario/scenario.ts'
import { simulate } from './simulate.ts'

export interface Trial {
  readonly scenario: Scenario
  readonly history: readonly HistoryEvent[]
  readonly violations: readonly Violation[]
}

/** Lets a seed happen and judges it. */
export async function trySeed(seed: number, mutant?: Mutant): Promise<Trial> {
  const scenario = invent(seed)
  const history = await simulate(scenario, mutant)
  return { scenario, history, violations: judge(scenario, history) }
}

/** How a mutant gave itself away. */
export interface Capture {
  readonly seed: number
  /** Seeds that were tried until then, of those where it can show. */
  readonly tried: number
  readonly violation: Violation
}

/** Looks for the first seed that catches a mutant at what it does wrong. */
export async function catchMutant(mutant: Mutant, seeds: number): Promise<Capture | undefined> {
  const { shows, in: canShow = ({ fenced }: Scenario) => fenced } = mutant
  let tried = 0
  for (let seed = 1; seed <= seeds; seed++) {
    if (!canShow(invent(seed))) continue
    tried++
    const { violations } = await trySeed(seed, mutant)
    const violation = violations.find(({ promise, how }) => shows.test(`${promise}: ${how}`))
    if (violation !== undefined) return { seed, tried, violation }
  }
  return undefined
}
