import type { Ms } from '@jobport/core'
import type { Backend, Clock, Stateful } from '@jobport/core/adapter'
import type { Scenario } from '../scenario/scenario.ts'
import type { Process } from '../world/process.ts'

/** A way to get it wrong. A judge who does not notice judges nothing. */
export interface Mutant {
  readonly name: string
  /** What is wrong with it, in a sentence. */
  readonly flaw: string
  /** What must be seen of it: the name of a promise and how it was broken. */
  readonly shows: RegExp
  /** Where it can show. Default: where there is a fence. */
  readonly in?: (scenario: Scenario) => boolean
  /** A broken backend. */
  readonly server?: (backend: FullBackend, world: Surroundings) => FullBackend
  /** A worker or producer that believes what a broken driver tells it. */
  readonly client?: (backend: Backend, process: Process, scenario: Scenario) => Backend
  /** What a broken backend goes by instead of its own clock. */
  readonly clock?: (world: Surroundings) => Clock
}

export type FullBackend = Backend & Stateful

/** What a broken backend can know of the world. */
export interface Surroundings {
  readonly clock: Clock
  /** Whose call it is at the moment. */
  readonly caller: () => string
  readonly isAlive: (process: string) => boolean
  /** How wrong the wall clock of a process is. */
  readonly skewOf: (process: string) => Ms
}
