import { MAX_CRASHES } from '../../plan/setting.ts'
import { retriesOf } from '../promises/retries.ts'
import type { PromiseOf } from '../promise.ts'

export const retriesAlone: PromiseOf = {
  name: 'retries',
  says: 'A job fails at most once more than it has retries, and dies when it has used them up.',
  check({ ledger, broken }) {
    for (const { id, attempts } of ledger.jobs.values()) {
      const most = retriesOf(id)
      for (const { attempt, failures, crashes, settlement } of attempts) {
        if (failures > most) broken(`${id} is tried again after ${failures} failures, with ${most} retries`, id)
        if (failures > attempt - 1)
          broken(`${id}: attempt ${attempt} was told of ${failures} failures, more than there were attempts`, id)
        if (settlement?.to === 'dead' && failures < most && crashes < MAX_CRASHES)
          broken(`${id} is dead after ${failures} failures, with ${most} retries, and ${crashes} crashes`, id)
      }
    }
  },
}
