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

export const promises: readonly PromiseOf[] = [
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
