import { clientClock, noFence, settleAfterLostLease, stateOnlyFence } from './fencing.ts'
import type { Mutant } from './mutant.ts'
import { noDedup, noGroups, noUnique, requeueInTwoSteps, sweeper } from './storing.ts'
import {
  ackBeforeHandler,
  budgetByAttempt,
  claimAbortIgnored,
  lazyHeartbeat,
  noHeartbeat,
  noQuarantine,
  notifyAfterSettle,
  notifyBeforeSettle,
} from './working.ts'

export const mutants: readonly Mutant[] = [
  noFence,
  stateOnlyFence,
  settleAfterLostLease,
  clientClock,
  noDedup,
  requeueInTwoSteps,
  sweeper,
  noGroups,
  noUnique,
  ackBeforeHandler,
  notifyBeforeSettle,
  notifyAfterSettle,
  budgetByAttempt,
  noHeartbeat,
  lazyHeartbeat,
  claimAbortIgnored,
  noQuarantine,
]
