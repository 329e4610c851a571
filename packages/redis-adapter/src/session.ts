import { sleep, systemClock, type Finished, type HandOff, type Health, type NewJob } from '@jobport/core/adapter'
import { Connection } from './connection/connection.ts'
import { checkFacts, healthOf, readFacts } from './connection/facts.ts'
import { failure } from './connection/failure.ts'
import { Keys } from './keys.ts'
import type { Settings } from './options.ts'
import { Registry } from './registry.ts'
import type { Script } from './scripts/script.ts'
import type { SharedScripts } from './scripts/scripts.ts'
import { Subscriber } from './wake/subscriber.ts'
import { Watchers } from './wake/watchers.ts'

/** Before what failed is tried again. */
const REST = 200

/** What a backend and a store are while they are open: connections, and what is known of the queues. */
export abstract class Session<S extends SharedScripts = SharedScripts> {
  readonly connection: Connection
  readonly keys: Keys
  readonly registry: Registry
  readonly scripts: S
  protected readonly subscriber: Subscriber
  protected readonly closing = new AbortController()
  readonly #watchers: Watchers
  readonly #settings: Settings
  /** How much goes on although nobody may wait for it, and who is told when nothing does. */
  #underWay = 0
  #quiet = Promise.withResolvers<void>()

  protected constructor(settings: Settings, scripts: S) {
    this.scripts = scripts
    this.#settings = settings
    this.connection = new Connection(settings)
    this.keys = new Keys(settings.namespace, settings.stored)
    this.registry = new Registry(this.connection, this.keys)
    this.subscriber = new Subscriber(settings, {
      onMessage: (channel, message) => this.receive(channel, message),
      onGap: () => this.catchUp(),
    })
    const { connection, keys, registry, subscriber } = this
    this.#watchers = new Watchers({ connection, keys, registry, subscriber }, settings.warn)
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.#watchers.close()
    while (this.#underWay > 0) await this.#quiet.promise
    this.subscriber.close()
    await this.connection.close()
  }

  async health(): Promise<Health> {
    try {
      return healthOf(await readFacts(this.connection), this.connection.exposedTo)
    } catch (error) {
      return { reachable: false, durability: 'none', warnings: [failure(error).message] }
    }
  }

  /** A call of several steps, which closing lets it take. */
  finishing<Answer>(call: Promise<Answer>): Promise<Answer> {
    this.inBackground(call)
    return call
  }

  watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    return this.#watchers.add(listener)
  }

  /** Attempt and claim of a token, as scripts take them. */
  abstract partsOf(token: string): { readonly attempt: string; readonly claim: string }

  /** Appends a batch of jobs of one queue, as lua/storing.lua takes it. */
  abstract pushBatch(args: (string | number)[], jobs: readonly NewJob[]): void

  /** Jobs for another queue of a cluster, as an outbox has them. */
  abstract letterOf(jobs: readonly NewJob[], handOff?: HandOff): string

  /** Stores the jobs of letters in their queues. Those that are known already are left as they are. */
  abstract deliver(letters: readonly string[]): Promise<unknown>

  /** Checks that the server is safe to use, and what may be done there; `needed`: the script that all need. */
  protected async connect(needed: Script): Promise<void> {
    await this.connection.open()
    try {
      checkFacts(await readFacts(this.connection), this.#settings.allowEviction)
      await this.connection.learnRights(this.keys, Object.values(this.scripts), needed)
    } catch (error) {
      await this.connection.close()
      throw error
    }
  }

  protected receive(channel: string, message: string): void {
    this.#watchers.receive(channel, message)
  }

  /** The line was down. */
  protected catchUp(): void {
    this.inBackground(this.#insist(() => this.#watchers.catchUp()))
  }

  /** What fails here is made good elsewhere: by the end of a lease, or the next look. */
  protected inBackground(work: Promise<unknown>): void {
    if (this.#underWay++ === 0) this.#quiet = Promise.withResolvers()
    work.then(this.#ended, this.#ended)
  }

  readonly #ended = (): void => {
    if (--this.#underWay === 0) this.#quiet.resolve()
  }

  async #insist(call: () => Promise<void>): Promise<void> {
    const { signal } = this.closing
    while (!signal.aborted) {
      try {
        return await call()
      } catch {
        await sleep(systemClock, REST, signal)
      }
    }
  }
}
