import { BackendError } from '@jobport/core'
import { ReplyError, type Redis } from 'ioredis'
import { KEEP_DAYS } from './jobs.ts'

/** Which items a user has handed in, newest first: the jobs know their user, but not the other way round. It is in Redis, beside the jobs, and fails as they do: with a `BackendError`. */
export interface Catalogue {
  /** Notes an item, before there is a job of it. To note it again changes nothing. */
  add(user: string, id: string): Promise<void>
  /** Ids of a page; `after`: the last id of the page before. Some may have no job: it was never stored, or its record has gone. */
  list(user: string, page: { readonly limit: number; readonly after?: string }): Promise<readonly string[]>
}

/** A user's older items are forgotten first. */
const MOST = 10_000
const KEEP_MS = KEEP_DAYS * 86_400_000

/** What a server says while it starts, changes its role, or has no room. */
const PASSING = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|NOREPLICAS|MISCONF|OOM)\b/

export function redisCatalogue(redis: Redis, namespace: string): Catalogue {
  // In braces: on a cluster, all that is about one user is in one place.
  const keyOf = (user: string): string => `${namespace}-items:{${user}}`
  return {
    add: (user, id) =>
      told(async () => {
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
      }),
    list: (user, { limit, after }) =>
      told(async () => {
        const rank = after === undefined ? -1 : await redis.zrevrank(keyOf(user), after)
        // The page before was of items that have gone; so have the older ones.
        if (rank === null) return []
        return redis.zrevrange(keyOf(user), rank + 1, rank + limit)
      }),
  }
}

/** Without an answer, the server is away; an answer says itself whether it will pass. */
async function told<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    const { message } = error as Error
    const code = error instanceof ReplyError && !PASSING.test(message) ? 'internal' : 'unavailable'
    throw new BackendError(code, 'catalogue', message, { cause: error })
  }
}
