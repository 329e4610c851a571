import {
  BackendError,
  type Admission,
  type ClaimedJob,
  type ClaimRequest,
  type Health,
  type Lease,
  type Limits,
} from '@jobport/core/adapter'
import type { ChannelModel } from 'amqplib'
import { Link, PATIENCE } from './connection/link.ts'
import { Publisher } from './connection/publisher.ts'
import { takeWhole } from './connection/take-whole.ts'
import { within } from './connection/within.ts'
import { GroupedReceiver } from './groups/grouped-receiver.ts'
import { holdFor, NAME } from './limits.ts'
import { Names } from './names.ts'
import type { Settings } from './options.ts'
import type { Holder } from './receive/holder.ts'
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
  readonly #grouped = new Map<string, GroupedReceiver>()
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
      routes: new Routes(this.#names, settings.queueType === 'quorum', settings.groups),
      admission,
      limits,
    })
  }

  claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const { queue } = request
    let receiver = this.#receivers.get(queue)
    if (receiver === undefined) {
      receiver = this.#newReceiver(queue)
      this.#receivers.set(queue, receiver)
      if (this.#settings.groups > 0) this.#grouped.set(queue, this.#newGroupedReceiver(queue, receiver))
    }
    return (this.#grouped.get(queue) ?? receiver).claim(request, signal)
  }

  holderOf = (lease: Lease): Holder | undefined => {
    const grouped = this.#grouped.get(lease.queue)
    return grouped?.find(lease) === undefined ? this.#receivers.get(lease.queue) : grouped
  }

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
      unencryptedPeer: this.#outgoing?.unencryptedPeer ?? this.#incoming?.unencryptedPeer,
      rests: new Map([...this.#grouped].map(([queue, { rests }]) => [queue, rests])),
    })
  }

  async close(): Promise<void> {
    const receivers = this.#all()
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
        onUp: async (connection) => takeWhole(connection),
        onDown: (reason) => {
          warn(`${NAME}: the connection for consuming is lost, its jobs are given out again: ${reason.message}`)
          for (const receiver of this.#all()) receiver.disconnected(reason)
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

  #all(): readonly (Receiver | GroupedReceiver)[] {
    return [...this.#receivers.values(), ...this.#grouped.values()]
  }

  #newReceiver(queue: string): Receiver {
    return new Receiver({
      ...this.#common(queue),
      serverQueue: this.#names.work(queue),
      byPriority: this.#settings.priorities > 1,
      connected: async () => this.#incoming?.connected(),
    })
  }

  #newGroupedReceiver(queue: string, plain: Receiver): GroupedReceiver {
    const partitions = Array.from({ length: this.#settings.groups }, (_, index) => this.#names.groups(queue, index))
    return new GroupedReceiver({ ...this.#common(queue), serverQueues: partitions, plain })
  }

  #common(queue: string) {
    const { consumerTimeout, connectTimeout, warn } = this.#settings
    return {
      queue,
      holdFor: holdFor(consumerTimeout),
      patience: connectTimeout,
      connection: () => this.#incoming?.connection,
      ensure: () => this.#topology.queue(queue),
      onGone: () => this.#topology.forget(queue),
      warn,
    }
  }

  /** @throws BackendError `invalid` when the server would end a lease before it is over. */
  checkLease(lease: number): void {
    this.admission.checkLease(lease)
    if (lease <= this.limits.lease) return
    const problem = `a lease of ${lease} ms; the longest is ${this.limits.lease}, a little less than consumerTimeout, which must be that of the server`
    throw new BackendError('invalid', NAME, problem)
  }
}
