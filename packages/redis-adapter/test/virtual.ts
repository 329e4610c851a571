import type { Clock, Ms } from '@jobport/core/adapter'
import { systemClock } from '@jobport/core/adapter'
import type { Redis } from 'ioredis'
import { settingsOf } from '../src/options.ts'
import { RedisAdapter } from '../src/redis-backend.ts'
import { makeScripts, makeStoreScripts, type StoreScripts } from '../src/scripts/scripts.ts'
import { RedisStore } from '../src/store/redis-store.ts'

/** Where the time of a namespace is kept, in microseconds. */
const clockKey = (namespace: string): string => `${namespace}:virtual-clock`

/** A backend whose scripts take the time from a key. */
export function virtualRedis(url: string, namespace: string): RedisAdapter {
  return new RedisAdapter(settingsOf({ url, namespace, warn: () => {} }), makeScripts(timeOf(namespace)))
}

/** A store of the same kind. Its time is that of `<namespace>+store`. */
export function virtualStore(
  url: string,
  namespace: string,
  change: (scripts: StoreScripts) => StoreScripts = (scripts) => scripts,
): RedisStore {
  const scripts = change(makeStoreScripts(timeOf(`${namespace}+store`)))
  return new RedisStore(settingsOf({ url, namespace, warn: () => {} }, true), scripts)
}

function timeOf(namespace: string): string {
  return `local function server_time() return { 0, tonumber(redis.call('GET', '${clockKey(namespace)}')) } end`
}

/** Moves the time of all backends of some namespaces. */
export class SharedClock implements Clock {
  readonly #client: Redis
  readonly #namespaces = new Set<string>()
  #now = 0

  constructor(client: Redis) {
    this.#client = client
  }

  async add(namespace: string): Promise<void> {
    this.#namespaces.add(namespace)
    await this.#write(namespace)
  }

  delete(namespace: string): void {
    this.#namespaces.delete(namespace)
  }

  now(): Ms {
    return this.#now
  }

  date(): number {
    return 1_800_000_000_000 + this.#now
  }

  schedule(delay: Ms, callback: () => void): () => void {
    return systemClock.schedule(delay, callback)
  }

  async advance(by: Ms): Promise<void> {
    this.#now += by
    await Promise.all([...this.#namespaces].map((namespace) => this.#write(namespace)))
  }

  async #write(namespace: string): Promise<void> {
    await this.#client.set(clockKey(namespace), String(this.date() * 1000))
  }
}
