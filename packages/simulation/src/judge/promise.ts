import type { HistoryEvent, Reactions } from '../history/event.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Ledger } from './ledger.ts'
import type { Troubles } from './troubles.ts'

/** Something that must hold in every history. */
export interface PromiseOf {
  readonly name: string
  /** What is promised, in a sentence. */
  readonly says: string
  /** Holds also where nothing fences settlements; the others rest on the fence. */
  readonly unfenced?: true
  readonly watch: (court: Court) => Watch
}

/** Looks at a history from its beginning to its end, at each event before the ledger takes it in: the ledger says how things stood when it happened. */
export interface Watch {
  readonly on?: Reactions
  /** Sees all events, before `on` does. */
  readonly see?: (event: HistoryEvent) => void
  readonly end?: (history: readonly HistoryEvent[]) => void
}

export interface Court {
  readonly scenario: Scenario
  readonly ledger: Ledger
  readonly troubles: Troubles
  /** The promise is broken, by what happened to these jobs and processes. */
  readonly broken: (
    how: string,
    concerned: { readonly jobs?: readonly string[]; readonly processes?: readonly string[] },
  ) => void
}
