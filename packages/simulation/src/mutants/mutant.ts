import type { Ms } from '@jobport/core'
import type { Backend, Clock, Stateful } from '@jobport/core/adapter'
import type { VirtualClock } from '@jobport/core/testing'
import type { ClockErrors, Process } from '../world/process.ts'

/** A way to get it wrong. A judge who does not notice judges nothing. */
export interface Mutant {
  readonly name: string
  /** What is wrong with it, in a sentence. */
  readonly flaw: string
  /** The promises that it must be seen to break, any of them. */
  readonly breaks: readonly string[]
  /** A broken backend. */
  readonly server?: (backend: Backend & Stateful, world: { readonly clock: Clock; readonly lease: Ms }) => Backend & Stateful
  /** A broken worker or producer: one that believes what a broken driver tells it. */
  readonly client?: (backend: Backend, process: Process) => Backend
  /** A backend that goes by a broken clock. */
  readonly clock?: (world: VirtualClock, caller: () => ClockErrors) => Clock
}
