import type { Client } from '../connection/connect.ts'
import { connect } from '../connection/connect.ts'
import { failure } from '../connection/failure.ts'
import type { Settings } from '../options.ts'

/** How often a silent line is asked for a sign of life. */
const PING = 5_000

export interface SubscriberEvents {
  readonly onMessage: (channel: string, message: string) => void
  /** The line was down: news may have been missed. */
  readonly onGap: () => void
}

/** A connection that only listens. It is made when there is something to listen to, and mends itself. */
export class Subscriber {
  readonly #settings: Settings
  readonly #events: SubscriberEvents
  #client: Client | undefined
  #opening: Promise<Client> | undefined
  #pulse: NodeJS.Timeout | undefined

  constructor(settings: Settings, events: SubscriberEvents) {
    this.#settings = settings
    this.#events = events
  }

  async subscribe(channel: string): Promise<void> {
    await this.#listen((client) => client.subscribe(channel))
  }

  async subscribePattern(pattern: string): Promise<void> {
    await this.#listen((client) => client.psubscribe(pattern))
  }

  close(): void {
    clearInterval(this.#pulse)
    this.#client?.disconnect()
  }

  async #listen(subscribe: (client: Client) => Promise<unknown>): Promise<void> {
    try {
      this.#opening ??= this.#open()
      await subscribe(await this.#opening)
    } catch (error) {
      if (this.#client === undefined) this.#opening = undefined
      throw failure(error)
    }
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
    // From the second time on; by then the driver has subscribed again.
    client.on('ready', this.#events.onGap)
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
