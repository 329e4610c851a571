/**
 * Backends that are broken in one way each, to prove that tests can fail. Not for production, and not part of the suite itself.
 * @module
 */
import {
  abortLeaksALease,
  attemptGivenBack,
  budgetByAttempt,
  clientClock,
  crashesUncounted,
  extendForgets,
} from './mutants/claiming.ts'
import {
  delayIgnored,
  groupIgnored,
  noDedup,
  noTombstone,
  payloadParsed,
  priorityIgnored,
  uniqueIgnored,
  uniqueInTwoSteps,
} from './mutants/enqueueing.ts'
import { forgetfulFence, noFence, numberFence, stateOnlyFence } from './mutants/fencing.ts'
import type { Mutant } from './mutants/mutant.ts'
import { newsTwice, pauseIgnored, redriveIgnored } from './mutants/operating.ts'
import {
  ackBeforeHandler,
  followUpsDropped,
  followUpsLater,
  keptForever,
  notifyBeforeSettle,
  requeueInTwoSteps,
} from './mutants/settling.ts'

export { mutated, type Mutant, type Past } from './mutants/mutant.ts'

export const mutants: readonly Mutant[] = [
  noFence,
  stateOnlyFence,
  numberFence,
  forgetfulFence,
  ackBeforeHandler,
  noDedup,
  noTombstone,
  clientClock,
  requeueInTwoSteps,
  notifyBeforeSettle,
  followUpsLater,
  followUpsDropped,
  budgetByAttempt,
  crashesUncounted,
  attemptGivenBack,
  abortLeaksALease,
  extendForgets,
  keptForever,
  uniqueIgnored,
  uniqueInTwoSteps,
  delayIgnored,
  priorityIgnored,
  groupIgnored,
  payloadParsed,
  pauseIgnored,
  newsTwice,
  redriveIgnored,
]
