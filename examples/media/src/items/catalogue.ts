import type { Redis } from 'ioredis'
import { KEEP_DAYS } from './jobs.ts'

/** Which items a user has handed in, newest first: the jobs know their user, but not the other way round. It is in Redis, beside the jobs. */
export interface Catalogue {
  /** Notes an item, before there is a job of it. To note it again changes nothing. */
  add(user: string, id: string): Promise<void>
  /** Ids of a page; `after`: the last id of the page before. Some may have no job: it was never stored, or its record has gone. */
  list(user: string, page: { readonly limit: number; readonly after?: string }): Promise<readonly string[]>
}

/** A user's older items are forgotten first. */
const MOST = 10_000
const KEEP_MS = KEEP_DAYS * 86_400_000

export function redisCatalogue(redis: Redis, namespace: string): Catalogue {
  // In braces: on a cluster, all that is about one user is in one place.
  const keyOf = (user: string): string => `${namespace}-items:{${user}}`
  return {
    async add(user, id) {
      const key = keyOf(user)
      const now = Date.now()
      const replies = await redis
        .multi()
        .zadd(key, 'NX', now, id)
        .zremrangebyscore(key, 0, now - KEEP_MS)
        .zremrangebyrank(key, 0, -MOST - 1)
        .pexpire(key, KEEP_MS)
        .exec()
      const failure = replies?.find(([error]) => error !== null)?.[0]
      if (failure) throw failure
    },
    async list(user, { limit, after }) {
      const rank = after === undefined ? -1 : await redis.zrevrank(keyOf(user), after)
      // The page before was of items that have gone; so have the older ones.
      if (rank === null) return []
      return redis.zrevrange(keyOf(user), rank + 1, rank + limit)
    },
  }
}
