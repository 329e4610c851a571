import type { JobId } from '../contract/job.ts'
import { newJobId } from '../definition/job-id.ts'
import { systemClock, type Clock } from './clock.ts'

/** Where core takes time, chance and ids from. Tests and simulations bring their own. */
export interface Runtime {
  readonly clock: Clock
  /** Numbers from 0 to below 1. */
  readonly random: () => number
  readonly newId: () => JobId
}

export function toRuntime(given: Partial<Runtime> = {}): Runtime {
  const clock = given.clock ?? systemClock
  return {
    clock,
    random: given.random ?? Math.random,
    newId: given.newId ?? (() => newJobId(clock.date())),
  }
}
