import type { Client } from '../connection/connect.ts'
import { connect } from '../connection/connect.ts'
import { failure } from '../connection/failure.ts'
import type { Settings } from '../options.ts'

/** How often a silent line is asked for a sign of life. */
const PING = 5_000

type Subscription = (client: Client) => Promise<unknown>

export interface SubscriberEvents {
  readonly onMessage: (channel: string, message: string) => void
  /** The line was down: news may have been missed. */
  readonly onGap: () => void
}

/** A connection that only listens. It is made when there is something to listen to, and mends itself. */
export class Subscriber {
  readonly #settings: Settings
  readonly #events: SubscriberEvents
  readonly #subscriptions: Subscription[] = []
  #client: Client | undefined
  #opening: Promise<Client> | undefined
  #pulse: NodeJS.Timeout | undefined

  constructor(settings: Settings, events: SubscriberEvents) {
    this.#settings = settings
    this.#events = events
  }

  subscribe(channel: string): Promise<void> {
    return this.#listen((client) => client.subscribe(channel))
  }

  subscribePattern(pattern: string): Promise<void> {
    return this.#listen((client) => client.psubscribe(pattern))
  }

  close(): void {
    clearInterval(this.#pulse)
    this.#client?.disconnect()
  }

  async #listen(subscribe: Subscription): Promise<void> {
    try {
      this.#opening ??= this.#open()
      await subscribe(await this.#opening)
      this.#subscriptions.push(subscribe)
    } catch (error) {
      if (this.#client === undefined) this.#opening = undefined
      throw failure(error)
    }
  }

  /** The line is new: nothing is told on it yet. Should that fail, it ends again, and this is called for the next. */
  async #resume(client: Client): Promise<void> {
    try {
      for (const subscribe of this.#subscriptions) await subscribe(client)
    } catch {
      if (client.status === 'ready') client.disconnect(true)
      return
    }
    this.#events.onGap()
  }

  async #open(): Promise<Client> {
    const client = connect(this.#settings, 'news')
    client.on('error', () => {})
    client.on('message', this.#events.onMessage)
    client.on('pmessage', (_pattern: string, channel: string, message: string) =>
      this.#events.onMessage(channel, message),
    )
    try {
      await client.connect()
    } catch (error) {
      client.disconnect()
      throw error
    }
    client.on('ready', () => void this.#resume(client))
    this.#client = client
    this.#pulse = setInterval(() => void this.#ping(client), PING).unref()
    return client
  }

  /** A line that was cut without a word looks like one that has nothing to tell. */
  async #ping(client: Client): Promise<void> {
    if (client.status !== 'ready') return
    try {
      await client.ping()
    } catch {
      if (client.status === 'ready') client.disconnect(true)
    }
  }
}
