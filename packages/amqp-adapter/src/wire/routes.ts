import type { Ms } from '@jobport/core/adapter'
import type { Names } from '../names.ts'
import { partitionOf } from '../groups/partition-of.ts'
import { delayKey, ticksOf, topLevel } from '../topology/delay.ts'
import { propertiesOf, type Envelope } from './envelope.ts'
import type { Outgoing } from './outgoing.ts'

/** The priority that quorum queues take for high, from RabbitMQ 4 on. */
const HIGH = 5

/** Addresses messages. */
export class Routes {
  readonly #names: Names
  readonly #isQuorum: boolean
  readonly #partitions: number

  /** `partitions`: of the groups of each queue; 0 where there are no groups. */
  constructor(names: Names, isQuorum: boolean, partitions: number) {
    this.#names = names
    this.#isQuorum = isQuorum
    this.#partitions = partitions
  }

  isGrouped(envelope: Envelope): envelope is Envelope & { readonly group: string } {
    return envelope.group !== undefined && this.#partitions > 0
  }

  /** To where it is claimed from, after a while. */
  work(queue: string, envelope: Envelope, delay: Ms): Outgoing {
    const told = propertiesOf(envelope)
    const properties = this.#isQuorum && envelope.priority > 0 ? { ...told, priority: HIGH } : told
    const destination = this.#destination(queue, envelope)
    const { content } = envelope
    if (!(delay > 0)) return { exchange: '', key: destination, content, properties }
    const ticks = ticksOf(delay)
    return { exchange: this.#names.delay(topLevel(ticks)), key: delayKey(ticks, destination), content, properties }
  }

  #destination(queue: string, envelope: Envelope): string {
    if (!this.isGrouped(envelope)) return this.#names.work(queue)
    return this.#names.groups(queue, partitionOf(envelope.group, this.#partitions))
  }

  /** To the dead, for so long at most. */
  dead(queue: string, envelope: Envelope, error: string, keep: Ms): Outgoing {
    const properties = propertiesOf(envelope, { error, expiration: Math.min(Math.ceil(keep), LONGEST_EXPIRATION) })
    return { exchange: this.#names.deadLetters, key: queue, content: envelope.content, properties }
  }
}

/** What RabbitMQ takes, in milliseconds; the queue itself keeps nothing for so long. */
const LONGEST_EXPIRATION: Ms = 315_360_000_000
