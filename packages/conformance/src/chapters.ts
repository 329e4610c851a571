import { chain } from './behaviour/follow-up.ts'
import { coreCost } from './behaviour/cost.ts'
import { handler } from './behaviour/handler.ts'
import { notify } from './behaviour/notify.ts'
import { queue } from './behaviour/queue.ts'
import { refusal } from './behaviour/refusal.ts'
import { retry } from './behaviour/retry.ts'
import { worker } from './behaviour/worker.ts'
import { claim } from './contract/claim/claim.ts'
import { contents } from './contract/contents.ts'
import { cost } from './contract/cost.ts'
import { enqueue } from './contract/enqueue.ts'
import { exchange } from './contract/exchange.ts'
import { followUp } from './contract/follow-up.ts'
import { group } from './contract/group.ts'
import { isolation } from './contract/isolation.ts'
import { lease } from './contract/lease.ts'
import { lifeCycle } from './contract/life-cycle.ts'
import { operate } from './contract/operate/operate.ts'
import { settle } from './contract/settle/settle.ts'
import { state } from './contract/state/state.ts'
import { transaction } from './contract/transaction.ts'
import { unique } from './contract/unique.ts'
import { watch } from './contract/watch.ts'
import type { Chapter } from './suite/case.ts'

/** The whole suite, in the order in which it is read. */
export const chapters: readonly Chapter[] = [
  enqueue,
  claim,
  settle,
  lease,
  unique,
  state,
  lifeCycle,
  refusal,
  isolation,
  group,
  operate,
  transaction,
  followUp,
  contents,
  exchange,
  watch,
  handler,
  retry,
  worker,
  queue,
  chain,
  notify,
  cost,
  coreCost,
]
