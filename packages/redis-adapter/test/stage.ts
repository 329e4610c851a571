import type { ClaimedJob, Extended, NewJob, Settled, Settlement } from '@jobport/core/adapter'
import { Redis } from 'ioredis'
import type { RedisAdapter } from '../src/redis-backend.ts'
import { keysOf, removeKeys, serverUrl } from './harness.ts'
import { SharedClock, virtualRedis } from './virtual.ts'

const never = new AbortController().signal

/** A backend whose time stands still unless it is advanced, and what tests do with it. */
export class Stage {
  readonly namespace: string
  readonly backend: RedisAdapter
  readonly client: Redis
  readonly #clock: SharedClock
  readonly #url: string

  constructor(namespace: string, url = serverUrl()) {
    this.namespace = namespace
    this.#url = url
    this.client = new Redis(url)
    this.#clock = new SharedClock(this.client)
    this.backend = virtualRedis(url, namespace)
  }

  async set(): Promise<this> {
    await removeKeys(this.#url, this.namespace)
    await this.#clock.add(this.namespace)
    await this.backend.open()
    return this
  }

  async strike(): Promise<void> {
    await this.backend.close()
    this.client.disconnect()
    await removeKeys(this.#url, this.namespace)
  }

  async pass(time: number): Promise<void> {
    await this.#clock.advance(time)
  }

  key(name: string, queue = 'work'): string {
    return `{${this.namespace}:${queue}}:${name}`
  }

  /** The names of the keys of all queues but `meta`, which stays, and those that the server drops by itself. */
  async left(): Promise<string[]> {
    const keys = (await keysOf(this.client, this.namespace)).filter((key) => /^\{.*\}:(?!meta$)/.test(key))
    const times = await Promise.all(keys.map((key) => this.client.ttl(key)))
    return keys.filter((_, index) => times[index] === -1).toSorted()
  }

  async enqueue(...jobs: readonly (string | NewJob)[]): Promise<readonly string[]> {
    const all = jobs.map((each) => (typeof each === 'string' ? job(each) : each))
    const answers: string[] = []
    for (let at = 0; at < all.length; at += 1000)
      answers.push(...(await this.backend.enqueue(all.slice(at, at + 1000))).map(({ status }) => status))
    return answers
  }

  claim(more: { queue?: string; limit?: number; lease?: number } = {}): Promise<readonly ClaimedJob[]> {
    return this.backend.claim({ queue: 'work', limit: 100, lease: 30_000, wait: 0, ...more }, never)
  }

  /** The ids of what is claimed. */
  async claimed(limit = 100): Promise<readonly string[]> {
    return (await this.claim({ limit })).map(({ lease }) => lease.id)
  }

  settle(jobs: readonly ClaimedJob[], how: Outcome): Promise<readonly Settled[]> {
    return this.backend.settle(jobs.map(({ lease }) => ({ ...how, lease })))
  }

  extend(jobs: readonly ClaimedJob[], lease: number): Promise<readonly Extended[]> {
    return this.backend.extend(
      jobs.map((each) => each.lease),
      lease,
    )
  }
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
/** How jobs end, or come back. */
export type Outcome = Without<Settlement, 'lease'>

export const completed = (keep = 0, result?: string): Outcome => ({
  to: 'completed',
  keep,
  ...(result !== undefined && { result }),
})
export const dead = (keep = 0): Outcome => ({ to: 'dead', keep, error: '"e"' })
export const back = (delay = 0, counts: 'failure' | 'nothing' = 'nothing'): Outcome => ({
  to: 'waiting',
  delay,
  counts,
})

export const job = (id: string, more: Partial<NewJob> = {}): NewJob => ({
  id,
  queue: 'work',
  name: 'n',
  payload: '1',
  headers: {},
  ...more,
})

export const idsOf = (jobs: readonly ClaimedJob[]): readonly string[] => jobs.map(({ lease }) => lease.id)
export const numbered = (count: number, start = 'j'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${start}${String(index).padStart(5, '0')}`)
