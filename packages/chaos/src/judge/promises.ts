import { GROUPED, type BackendName } from '../plan/setting.ts'
import { groupsAlone } from './alone/groups.ts'
import { outcomesAlone } from './alone/outcomes.ts'
import { retriesAlone } from './alone/retries.ts'
import { whatFollowsAlone } from './alone/what-follows.ts'
import { claims } from './promises/claims.ts'
import { fence } from './promises/fence.ts'
import { followUps } from './promises/follow-ups.ts'
import { graceful } from './promises/graceful.ts'
import { groups } from './promises/groups.ts'
import { notifications } from './promises/notifications.ts'
import { outcomes } from './promises/outcomes.ts'
import { quiescence } from './promises/quiescence.ts'
import { recovery } from './promises/recovery.ts'
import { retries } from './promises/retries.ts'
import { storage } from './promises/storage.ts'
import { unique } from './promises/unique.ts'
import type { PromiseOf } from './promise.ts'

/** Where every job has a record. */
const ofRecords: readonly PromiseOf[] = [
  storage,
  claims,
  fence,
  outcomes,
  retries,
  recovery,
  graceful,
  groups,
  unique,
  followUps,
  notifications,
  quiescence,
]

/** Of a broker alone, which may do a job more than once and tells of none what became of it. */
const ofHistory: readonly PromiseOf[] = [
  outcomesAlone,
  retriesAlone,
  graceful,
  groupsAlone,
  whatFollowsAlone,
  quiescence,
]

export function promisesOn(backend: BackendName): readonly PromiseOf[] {
  return backend === GROUPED ? ofHistory : ofRecords
}
