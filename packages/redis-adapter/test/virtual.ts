import type { Clock, Ms } from '@jobport/core/adapter'
import { systemClock } from '@jobport/core/adapter'
import type { Redis } from 'ioredis'
import { settingsOf } from '../src/options.ts'
import { RedisAdapter } from '../src/redis-backend.ts'
import { makeScripts } from '../src/scripts/scripts.ts'

/** Where the time of a namespace is kept, in microseconds. */
const clockKey = (namespace: string): string => `${namespace}:virtual-clock`

/** A backend whose scripts take the time from a key. */
export function virtualRedis(url: string, namespace: string): RedisAdapter {
  const time = `local function server_time() return { 0, tonumber(redis.call('GET', '${clockKey(namespace)}')) } end`
  return new RedisAdapter(settingsOf({ url, namespace, warn: () => {} }), makeScripts(time))
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
