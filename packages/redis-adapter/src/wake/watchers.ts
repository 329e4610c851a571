import { Listeners, type Finished, type FinishedListener } from '@jobport/core/adapter'
import type { Connection } from '../connection/connection.ts'
import type { Keys } from '../keys.ts'
import { NAME } from '../limits.ts'
import { WATCHED, type Registry } from '../registry.ts'
import { unpackId } from '../codec/id.ts'
import { finalState } from '../verbs/inspect.ts'
import type { Subscriber } from './subscriber.ts'

/**
 * Those who want to know which jobs finish. What finishes is published, and kept for some minutes in a stream for each queue, where it is looked up
 * if the line was down. The numbers of the stream's entries tell what was told before.
 */
export class Watchers {
  readonly #connection: Connection
  readonly #subscriber: Subscriber
  readonly #keys: Keys
  readonly #registry: Registry
  readonly #listeners: Listeners
  /** The newest entry that was told, by queue. */
  readonly #told = new Map<string, string>()
  /** The time by the server's clock since when all is told. */
  #since = '0-0'
  #listening: Promise<void> | undefined
  #renewal: NodeJS.Timeout | undefined

  constructor(
    {
      connection,
      subscriber,
      keys,
      registry,
    }: { connection: Connection; subscriber: Subscriber; keys: Keys; registry: Registry },
    warn: (message: string) => void,
  ) {
    this.#connection = connection
    this.#subscriber = subscriber
    this.#keys = keys
    this.#registry = registry
    this.#listeners = new Listeners(NAME, warn)
  }

  async add(listener: FinishedListener): Promise<() => Promise<void>> {
    this.#listening ??= this.#listen()
    try {
      await this.#listening
    } catch (error) {
      this.#listening = undefined
      throw error
    }
    const end = this.#listeners.add(listener)
    return async () => end()
  }

  close(): void {
    clearInterval(this.#renewal)
    this.#listeners.clear()
  }

  /** What was published on the channel of a queue's events. */
  receive(channel: string, message: string): void {
    const [entry, letter, ...ids] = message.split('\n') as [string, string, ...string[]]
    this.#tell(this.#keys.queueOf(channel), entry, letter, ids)
  }

  /** Looks up what was missed while the line was down. */
  async catchUp(): Promise<void> {
    if (this.#listeners.size === 0) return
    await this.#renew()
    for (const queue of await this.#registry.names()) {
      const after = this.#told.get(queue) ?? this.#since
      const { events } = this.#keys.of(queue)
      const entries = await this.#connection.call((client) => client.xrange(events, `(${after}`, '+'))
      for (const [entry, [letter, ids]] of entries) this.#tell(queue, entry, letter!, ids!.split('\n'))
    }
  }

  #tell(queue: string, entry: string, letter: string, ids: readonly string[]): void {
    const told = this.#told.get(queue)
    if (told !== undefined && !isLater(entry, told)) return
    this.#told.set(queue, entry)
    const state = finalState(letter)
    this.#listeners.tell(ids.map((id): Finished => ({ id: unpackId(id), queue, state })))
  }

  async #listen(): Promise<void> {
    await this.#subscriber.subscribePattern(this.#keys.eventsPattern)
    const [seconds, micros] = await this.#connection.call((client) => client.time())
    this.#since = `${Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)}-0`
    await this.#renew()
    clearInterval(this.#renewal)
    // Should it fail, the next one is in time.
    this.#renewal = setInterval(() => void this.#renew().catch(() => {}), (WATCHED * 1000) / 3).unref()
  }

  async #renew(): Promise<void> {
    // Before the names are read: who adds a queue asks for this afterwards, so one of the two knows of the other.
    await this.#connection.call((client) => client.set(this.#keys.watching, '1', 'EX', WATCHED))
    const names = await this.#registry.names()
    await Promise.all(
      names.map((name) =>
        this.#connection.call((client) => client.set(this.#keys.of(name).watched, '1', 'EX', WATCHED)),
      ),
    )
  }
}

/** Whether an entry of a stream came after another. */
function isLater(entry: string, other: string): boolean {
  const [time, count] = entry.split('-').map(Number) as [number, number]
  const [otherTime, otherCount] = other.split('-').map(Number) as [number, number]
  return time > otherTime || (time === otherTime && count > otherCount)
}
