import { claims } from './promises/claims.ts'
import { closing } from './promises/closing.ts'
import { concurrency } from './promises/concurrency.ts'
import { deadlines } from './promises/deadlines.ts'
import { fence } from './promises/fence.ts'
import { followUps } from './promises/follow-ups.ts'
import { groups } from './promises/groups.ts'
import { leases } from './promises/leases.ts'
import { notifications } from './promises/notifications.ts'
import { outcomes } from './promises/outcomes.ts'
import { quarantine } from './promises/quarantine.ts'
import { rate } from './promises/rate.ts'
import { recovery } from './promises/recovery.ts'
import { results } from './promises/results.ts'
import { retries } from './promises/retries.ts'
import { storage } from './promises/storage.ts'
import { unique } from './promises/unique.ts'
import type { PromiseOf } from './promise.ts'

export const promises: readonly PromiseOf[] = [
  storage,
  claims,
  fence,
  outcomes,
  retries,
  leases,
  recovery,
  deadlines,
  quarantine,
  groups,
  unique,
  concurrency,
  rate,
  notifications,
  followUps,
  results,
  closing,
]
