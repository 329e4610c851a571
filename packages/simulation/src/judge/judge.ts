import { react, type HistoryEvent } from '../history/event.ts'
import type { Scenario } from '../scenario/scenario.ts'
import { Ledger } from './ledger.ts'
import { promises } from './promises.ts'
import { Troubles } from './troubles.ts'

/** A promise that was broken. */
export interface Violation {
  readonly promise: string
  readonly how: string
  /** The number of the event by which it was. */
  readonly event: number
  readonly jobs: readonly string[]
  readonly processes: readonly string[]
}

/** What is wrong with a history; nothing, one hopes. It needs no more than the history itself. */
export function judge(scenario: Scenario, history: readonly HistoryEvent[]): readonly Violation[] {
  const violations: Violation[] = []
  const ledger = new Ledger()
  const troubles = new Troubles()
  let index = 0
  const watches = promises
    .filter(({ unfenced }) => scenario.fenced || unfenced)
    .map(({ name, watch }) =>
      watch({
        scenario,
        ledger,
        troubles,
        broken: (how, { jobs = [], processes = [] }) =>
          violations.push({ promise: name, how, event: index, jobs, processes }),
      }),
    )
  for (const event of history) {
    troubles.see(event)
    for (const { see, on } of watches) {
      see?.(event)
      if (on !== undefined) react(on, event)
    }
    ledger.apply(event)
    index++
  }
  for (const { end } of watches) end?.(history)
  return violations
}
