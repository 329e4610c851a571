import { Duplex, type DuplexOptions } from 'node:stream'
import { unencryptedPeer } from '@jobport/core/adapter'
import type { ChannelModel, RecoveringChannelModel, RecoveryOptions, SocketOptions } from 'amqplib'
import { connect } from 'amqplib'
import { failure } from '../failure.ts'
import { gatherWrites } from './gather-writes.ts'
import { within } from './within.ts'
import type { Settings } from '../options.ts'

export interface LinkEvents {
  /** A connection is there, the first or a later one. While this is pending the link counts as down; when it rejects another attempt is made. */
  readonly onUp: (connection: ChannelModel) => Promise<void>
  readonly onDown: (reason: Error) => void
}

/** The driver stops handing over messages when this much waits for the network. */
const WRITE_BUFFER = 1024 * 1024

/** The longest pause between two attempts to connect. */
const LONGEST_PAUSE = 2_000
/** A server that does not answer cannot hold up closing. */
export const PATIENCE = 3_000

/** One connection to the server, which is made anew when it is lost. */
export class Link {
  readonly #recovering: RecoveringChannelModel
  #connection: ChannelModel | undefined
  #connected: (() => void)[] = []
  #blocked: string | undefined
  #unblocked: (() => void)[] = []
  /** Runs until the driver makes its next attempt. */
  #pause: NodeJS.Timeout | undefined
  #isClosing = false

  /** @throws BackendError when there is no server, or it does not want us. */
  static async open(
    { url, socket, namespace, connectTimeout }: Settings,
    role: string,
    events: LinkEvents,
  ): Promise<Link> {
    let link: Link | undefined
    const options: SocketOptions & DuplexOptions & { readonly recovery: RecoveryOptions } = {
      ...socket,
      noDelay: true,
      writableHighWaterMark: WRITE_BUFFER,
      timeout: connectTimeout,
      clientProperties: { connection_name: `${namespace}:${role}`, ...socket.clientProperties },
      recovery: {
        waitForConnect: false,
        initialDelay: 100,
        maxDelay: LONGEST_PAUSE,
        initialMaxRetries: 0,
        setup: async (connection: ChannelModel) => {
          // The driver listens only after this: a connection that broke meanwhile would end the process.
          connection.on('error', () => {})
          const socket = socketOf(connection)
          if (socket !== undefined) gatherWrites(socket)
          try {
            if (link !== undefined && link.#isClosing) throw new Error('the link is closed')
            await within(connectTimeout, events.onUp(connection))
          } catch (error) {
            // The driver would take leave of it as long as it takes, and try no other before.
            await leave(connection.close(), socket)
            throw error
          }
        },
      },
    }
    const recovering = await connect(url, options)
    link = new Link(recovering, events)
    try {
      await recovering.waitForConnect()
      return link
    } catch (error) {
      throw failure(error, { outcome: 'none' })
    }
  }

  private constructor(recovering: RecoveringChannelModel, { onDown }: LinkEvents) {
    this.#recovering = recovering
    recovering.on('connect', (connection) => {
      this.#connection = connection
      this.#tellConnected()
    })
    recovering.on('disconnect', (reason) => {
      this.#connection = undefined
      this.#unblock()
      onDown(reason)
    })
    recovering.on('blocked', (reason) => void (this.#blocked = reason))
    recovering.on('unblocked', () => this.#unblock())
    recovering.on('reconnect-scheduled', ({ delay }) => {
      // Before that of the driver, which is as long and is set next.
      this.#pause = setTimeout(() => (this.#pause = undefined), delay)
    })
    // What goes wrong is told by `disconnect`, and by the calls that it makes fail.
    recovering.on('error', () => {})
  }

  /** The connection, if there is one now. */
  get connection(): ChannelModel | undefined {
    return this.#connection
  }

  /** The address of the server, where anybody on the way can read what goes there. */
  get unencryptedPeer(): string | undefined {
    return this.#connection && unencryptedPeer(socketOf(this.#connection))
  }

  /** Resolves when there is a connection, or the link is closed. */
  connected(): Promise<void> {
    if (this.#connection !== undefined) return Promise.resolve()
    return new Promise((resolve) => this.#connected.push(resolve))
  }

  /** Why the server takes nothing on this connection: `low on memory`, `low on disk`. */
  get blocked(): string | undefined {
    return this.#blocked
  }

  /** Resolves when the server takes messages again, or the connection is gone. */
  unblocked(): Promise<void> {
    if (this.#blocked === undefined) return Promise.resolve()
    return new Promise((resolve) => this.#unblocked.push(resolve))
  }

  async close(): Promise<void> {
    this.#isClosing = true
    // On a connection that comes after it was told to end the driver does not listen: one that breaks would end the process.
    if (this.#connection === undefined && this.#pause === undefined)
      await within(PATIENCE, this.#tried()).catch(() => {})
    clearTimeout(this.#pause)
    const socket = this.#connection && socketOf(this.#connection)
    this.#connection = undefined
    await leave(this.#recovering.close(), socket)
    this.#unblock()
    this.#tellConnected()
  }

  /** Resolves when an attempt to connect has come to its end. */
  #tried(): Promise<void> {
    return new Promise((resolve) => {
      this.#recovering.once('connect', () => resolve())
      this.#recovering.once('connect-failed', () => resolve())
    })
  }

  #tellConnected(): void {
    for (const resolve of this.#connected.splice(0)) resolve()
  }

  #unblock(): void {
    this.#blocked = undefined
    for (const resolve of this.#unblocked.splice(0)) resolve()
  }
}

/** The driver leaves it to the server to end the socket; one that is gone would keep it open. */
async function leave(closing: Promise<unknown>, socket: Duplex | undefined): Promise<void> {
  await within(PATIENCE, closing).catch(() => {})
  if (socket === undefined || socket.closed) return
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.destroy()
  await closed
}

function socketOf({ connection }: ChannelModel): Duplex | undefined {
  const { stream } = connection as { readonly stream?: unknown }
  return stream instanceof Duplex ? stream : undefined
}
