import type { Ms } from '@jobport/core'
import type { Chance } from '../chance.ts'
import type { History } from '../history/history.ts'
import type { JobPlan, Scenario } from '../scenario/scenario.ts'
import type { Process } from '../world/process.ts'

/** What those who act in a process have to go by. */
export interface Cast {
  readonly scenario: Scenario
  readonly process: Process
  readonly history: History
  readonly chance: Chance
  readonly plans: ReadonlyMap<string, JobPlan>
  readonly newId: () => string
  /** Takes the process down. */
  readonly crash: (cause: string) => void
}

/** What waits for it waits for ever. */
export const never = new Promise<never>(() => {})

/** Time as the process has it. Not what the worker has to clean up. */
export function pass({ clock }: Process, length: Ms): Promise<void> {
  return new Promise((resolve) => clock.schedule(length, resolve, { background: true }))
}
