import type { HistoryEvent } from '../history/event.ts'
import type { Setting } from '../plan/setting.ts'
import { figuresOf, type Figures } from './figures.ts'
import { Ledger } from './ledger.ts'
import { promisesOn } from './promises.ts'

/** A promise that was broken. */
export interface Violation {
  readonly promise: string
  readonly how: string
  readonly jobs: readonly string[]
}

export interface Judgement {
  readonly violations: readonly Violation[]
  readonly figures: Figures
}

/** What is wrong with a history; nothing, one hopes. It needs no more than the history itself. */
export function judge(setting: Setting, history: readonly HistoryEvent[]): Judgement {
  const violations: Violation[] = []
  const ledger = new Ledger(history, setting.backend === 'sqlite')
  for (const { name, check } of promisesOn(setting.backend))
    check({ setting, ledger, broken: (how, ...jobs) => violations.push({ promise: name, how, jobs }) })
  return { violations, figures: figuresOf(ledger, history, setting.backend) }
}
