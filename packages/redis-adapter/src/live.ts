import {
  claimId,
  sleep,
  systemClock,
  type ClaimedJob,
  type ClaimRequest,
  type Finished,
  type Health,
} from '@jobport/core/adapter'
import { Connection } from './connection/connection.ts'
import { checkFacts, healthOf, readFacts } from './connection/facts.ts'
import { failure } from './connection/failure.ts'
import { Keys } from './keys.ts'
import type { Settings } from './options.ts'
import { Registry } from './registry.ts'
import type { Scripts } from './scripts/scripts.ts'
import { claim, type Claimed } from './verbs/claim.ts'
import { relay } from './verbs/followers.ts'
import { settle } from './verbs/settle.ts'
import { Subscriber } from './wake/subscriber.ts'
import { Waiters } from './wake/waiters.ts'
import { Watchers } from './wake/watchers.ts'

/**
 * A claim that waits looks for itself this often at the latest: for leases that ran out, and should the one that was told to look have died.
 * With it a dead worker's jobs are claimed well within a second of the end of their lease.
 */
const LOOK = 500

/** Before what failed is tried again. */
const REST = 200

/** In a cluster, how often who claims looks for jobs on their way to other queues that nobody has brought there. */
const RELAY = 1_000

/** An open backend: its connections, and those who wait for what they bring. */
export class Live {
  readonly connection: Connection
  readonly keys: Keys
  readonly registry: Registry
  readonly scripts: Scripts
  readonly #channel: string
  readonly #subscriber: Subscriber
  readonly #waiters = new Waiters()
  readonly #watchers: Watchers
  readonly #closing = new AbortController()
  /** What goes on although nobody waits for it. */
  readonly #background = new Set<Promise<unknown>>()
  readonly #relayed = new Map<string, number>()
  #subscribed: Promise<void> | undefined

  private constructor(settings: Settings, scripts: Scripts) {
    this.scripts = scripts
    this.connection = new Connection(settings)
    this.keys = new Keys(settings.namespace)
    this.registry = new Registry(this.connection, this.keys)
    this.#channel = this.keys.wakeChannel(claimId())
    this.#subscriber = new Subscriber(settings, {
      onMessage: (channel, message) => this.#receive(channel, message),
      onGap: () => this.#catchUp(),
    })
    const { connection, keys, registry } = this
    this.#watchers = new Watchers({ connection, keys, registry, subscriber: this.#subscriber }, settings.warn)
  }

  static async open(settings: Settings, scripts: Scripts): Promise<Live> {
    const live = new Live(settings, scripts)
    await live.connection.open()
    try {
      checkFacts(await readFacts(live.connection), settings.allowEviction)
      await live.connection.learnRights(Object.values(scripts), scripts.enqueue)
    } catch (error) {
      await live.connection.close()
      throw error
    }
    return live
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#watchers.close()
    await Promise.allSettled(this.#background)
    this.#subscriber.close()
    await this.connection.close()
  }

  async health(): Promise<Health> {
    try {
      return healthOf(await readFacts(this.connection))
    } catch (error) {
      return { reachable: false, durability: 'none', warnings: [failure(error).message] }
    }
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    if (request.limit <= 0) return []
    const ended = AbortSignal.any([signal, this.#closing.signal])
    if (request.wait <= 0) return (await this.#ask(request, ended)).jobs
    const { queue } = request
    const end = performance.now() + request.wait
    const seat = this.#waiters.sit(queue)
    try {
      await this.#listen()
      for (;;) {
        const left = end - performance.now()
        seat.settle()
        const { jobs, next } = await this.#ask(request, ended, left)
        if (jobs.length > 0 || left <= 0 || ended.aborted) return jobs
        await seat.news(Math.min(left, LOOK, next < 0 ? LOOK : next), ended)
      }
    } finally {
      this.#waiters.rise(queue, seat)
      if (this.#waiters.count(queue) === 0 && this.#waiters.isListed(queue)) this.#leave(queue)
    }
  }

  /** A call of several steps, which closing lets it take. */
  finishing<Answer>(call: Promise<Answer>): Promise<Answer> {
    this.#inBackground(call)
    return call
  }

  watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    return this.#watchers.add(listener)
  }

  /** One look. With time left to wait, the server is asked to tell if there is nothing. What comes after the end goes back. */
  async #ask(request: ClaimRequest, ended: AbortSignal, left = 0): Promise<Claimed> {
    const nothing: Claimed = { jobs: [], next: -1 }
    if (ended.aborted) return nothing
    const { queue } = request
    if (this.connection.isCluster) this.#relay(queue)
    const leaves = this.#waiters.isListed(queue) && this.#waiters.count(queue) === 1
    const wait = Math.ceil(left)
    const asked = claim(this, request, wait > 0 ? { channel: this.#channel, wait, leaves } : undefined)
    const claimed = await untilAborted(asked, ended)
    if (claimed === undefined) {
      this.#inBackground(asked.then(({ jobs }) => this.#release(jobs)))
      if (wait > 0) this.#waiters.list(queue, true)
      return nothing
    }
    if (wait > 0) {
      if (claimed.jobs.length === 0) this.#waiters.list(queue, true)
      else if (leaves) this.#waiters.list(queue, false)
    }
    return claimed
  }

  #relay(queue: string): void {
    const now = performance.now()
    if (now - (this.#relayed.get(queue) ?? -RELAY) < RELAY) return
    this.#relayed.set(queue, now)
    this.#inBackground(relay(this, queue))
  }

  #release(jobs: readonly ClaimedJob[]): Promise<unknown> {
    return settle(
      this,
      jobs.map(({ lease }) => ({ lease, to: 'waiting', delay: 0, counts: 'nothing' })),
    )
  }

  /** The server need not tell this instance of work any more; if it just did, another must be told. */
  #leave(queue: string): void {
    this.#waiters.list(queue, false)
    const args = [this.connection.clustered, this.#channel]
    this.#inBackground(this.connection.run(this.scripts.leave, this.keys.of(queue).all, args))
  }

  async #listen(): Promise<void> {
    this.#subscribed ??= this.#subscriber.subscribe(this.#channel)
    try {
      await this.#subscribed
    } catch (error) {
      this.#subscribed = undefined
      throw error
    }
  }

  #receive(channel: string, message: string): void {
    if (channel !== this.#channel) return this.#watchers.receive(channel, message)
    const queue = this.keys.queueOf(message)
    this.#waiters.list(queue, false)
    if (this.#waiters.count(queue) > 0) this.#waiters.wake(queue)
    else this.#leave(queue)
  }

  #catchUp(): void {
    this.#waiters.wake()
    this.#inBackground(this.#insist(() => this.#watchers.catchUp()))
  }

  async #insist(call: () => Promise<void>): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      try {
        return await call()
      } catch {
        await sleep(systemClock, REST, signal)
      }
    }
  }

  /** What fails here is made good elsewhere: by the end of a lease, or the next look. */
  #inBackground(work: Promise<unknown>): void {
    const done = work.catch(() => {}).finally(() => this.#background.delete(done))
    this.#background.add(done)
  }
}

/** `undefined` if the abort comes first. */
function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined)
    signal.addEventListener('abort', abort)
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
