import { BackendError, type Admission, type Health, type Lease, type Limits } from '@jobport/core/adapter'
import type { ChannelModel } from 'amqplib'
import { Link, PATIENCE } from './connection/link.ts'
import { Publisher } from './connection/publisher.ts'
import { within } from './connection/within.ts'
import { holdFor, NAME } from './limits.ts'
import { Names } from './names.ts'
import type { Settings } from './options.ts'
import { Receiver } from './receive/receiver.ts'
import { checkServer, healthOf, versionOf } from './server.ts'
import { Topology } from './topology/topology.ts'
import { Sending } from './verbs/sending.ts'
import type { SettleOptions } from './verbs/settle.ts'
import { Routes } from './wire/routes.ts'

/** What is there between `open` and `close`. Publishing and receiving have a connection each: the server stops reading from one that it wants to publish less. */
export class Live implements SettleOptions {
  readonly admission: Admission
  readonly limits: Limits
  readonly sending: Sending
  readonly #settings: Settings
  readonly #names: Names
  readonly #topology: Topology
  readonly #publisher: Publisher
  readonly #receivers = new Map<string, Receiver>()
  readonly #running = new Set<Promise<unknown>>()
  #outgoing: Link | undefined
  #incoming: Link | undefined
  #version: string | undefined

  static async open(settings: Settings, limits: Limits, admission: Admission): Promise<Live> {
    const live = new Live(settings, limits, admission)
    try {
      await live.#connect()
      return live
    } catch (error) {
      await live.close()
      throw error
    }
  }

  private constructor(settings: Settings, limits: Limits, admission: Admission) {
    this.#settings = settings
    this.limits = limits
    this.admission = admission
    this.#names = new Names(settings.namespace)
    this.#topology = new Topology(settings, this.#names, () => this.#outgoing?.connection)
    this.#publisher = new Publisher({
      confirmTimeout: settings.confirmTimeout,
      blocked: () => this.#outgoing?.blocked,
      unblocked: async () => this.#outgoing?.unblocked(),
      onChannelLost: () => this.#topology.forgetAll(),
    })
    this.sending = new Sending({
      publisher: this.#publisher,
      topology: this.#topology,
      routes: new Routes(this.#names, settings.queueType === 'quorum'),
      admission,
      limits,
    })
  }

  receiver(queue: string): Receiver {
    let receiver = this.#receivers.get(queue)
    if (receiver === undefined) {
      receiver = this.#newReceiver(queue)
      this.#receivers.set(queue, receiver)
    }
    return receiver
  }

  receiverOf = ({ queue }: Lease): Receiver | undefined => this.#receivers.get(queue)

  /** A call that must end before the connections do. */
  async during<T>(call: Promise<T>): Promise<T> {
    this.#running.add(call)
    try {
      return await call
    } finally {
      this.#running.delete(call)
    }
  }

  health(): Health {
    return healthOf(this.#settings, {
      connected: this.#outgoing?.connection !== undefined && this.#incoming?.connection !== undefined,
      blocked: this.#outgoing?.blocked,
      version: this.#version,
    })
  }

  async close(): Promise<void> {
    const receivers = [...this.#receivers.values()]
    for (const receiver of receivers) receiver.endClaims()
    await Promise.allSettled(this.#running)
    await within(PATIENCE, Promise.all(receivers.map((receiver) => receiver.close()))).catch(() => {})
    await Promise.all([this.#outgoing?.close(), this.#incoming?.close()])
  }

  async #connect(): Promise<void> {
    const { warn } = this.#settings
    const [outgoing, incoming] = await Promise.allSettled([
      Link.open(this.#settings, 'publish', {
        onUp: async (connection) => {
          this.#checkServer(connection)
          // Another server may have taken over, with other queues.
          this.#topology.forgetAll()
          await this.#publisher.attach(connection)
        },
        onDown: (reason) => warn(`${NAME}: the connection for publishing is lost: ${reason.message}`),
      }),
      Link.open(this.#settings, 'consume', {
        onUp: async () => {},
        onDown: (reason) => {
          warn(`${NAME}: the connection for consuming is lost, its jobs are given out again: ${reason.message}`)
          for (const receiver of this.#receivers.values()) receiver.disconnected(reason)
        },
      }),
    ])
    if (outgoing.status === 'fulfilled') this.#outgoing = outgoing.value
    if (incoming.status === 'fulfilled') this.#incoming = incoming.value
    for (const outcome of [outgoing, incoming]) if (outcome.status === 'rejected') throw outcome.reason
  }

  #checkServer({ connection }: ChannelModel): void {
    checkServer(connection.serverProperties, this.#settings)
    this.#version = versionOf(connection.serverProperties)
  }

  #newReceiver(queue: string): Receiver {
    const { priorities, consumerTimeout, connectTimeout, warn } = this.#settings
    return new Receiver({
      queue,
      serverQueue: this.#names.work(queue),
      byPriority: priorities > 1,
      holdFor: holdFor(consumerTimeout),
      patience: connectTimeout,
      connection: () => this.#incoming?.connection,
      connected: async () => this.#incoming?.connected(),
      ensure: () => this.#topology.queue(queue),
      onGone: () => this.#topology.forget(queue),
      warn,
    })
  }

  /** @throws BackendError `invalid` when the server would end a lease before it is over. */
  checkLease(lease: number): void {
    this.admission.checkLease(lease)
    if (lease <= this.limits.lease) return
    const problem = `a lease of ${lease} ms; the longest is ${this.limits.lease}, a little less than consumerTimeout, which must be that of the server`
    throw new BackendError('invalid', NAME, problem)
  }
}
