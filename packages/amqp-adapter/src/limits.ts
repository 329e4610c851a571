import type { Features, Limits, Mover, Ms } from '@jobport/core/adapter'
import type { AmqpBackendOptions, Settings } from './options.ts'
import { LONGEST_DELAY, TICK } from './topology/delay.ts'

export const NAME = 'amqp'

/** What a backend with these options can do. */
export interface FeaturesOf<O extends Pick<AmqpBackendOptions, 'priorities' | 'groups'>> extends Features {
  readonly state: false
  readonly results: false
  readonly delay: true
  readonly priority: O extends { readonly priorities: infer P extends number } ? (P extends 1 ? false : true) : false
  readonly unique: false
  readonly group: O extends { readonly groups: number } ? true : false
  readonly fifo: false
  readonly atomicFollowUps: false
  readonly transactions: false
}

export function featuresOf<O extends AmqpBackendOptions>({ priorities, groups }: Settings): FeaturesOf<O> {
  const features: Features = {
    state: false,
    results: false,
    delay: true,
    priority: priorities > 1,
    unique: false,
    group: groups > 0,
    fifo: false,
    atomicFollowUps: false,
    transactions: false,
  }
  return Object.freeze(features) as FeaturesOf<O>
}

/** What RabbitMQ 4 takes in one message unless it is told otherwise; older ones take more. */
const LARGEST_MESSAGE = 16 * 1024 * 1024

/** The server looks once a minute for messages that were held for too long, and rarely is to the point. */
const MARGIN: Ms = 60_000

export function limitsOf({ priorities, groups, consumerTimeout }: Settings): Limits {
  return Object.freeze({
    enqueueBatch: 1000,
    claimBatch: 1000,
    settleBatch: 1000,
    payloadBytes: LARGEST_MESSAGE,
    priorities,
    delay: LONGEST_DELAY,
    retryDelay: LONGEST_DELAY,
    // Of the time for which a channel holds the jobs of groups, half is left for those that begin last.
    lease: holdFor(consumerTimeout) / (groups > 0 ? 2 : 1),
    tick: TICK,
  })
}

/**
 * Server and client take turns otherwise: 100 callers whose jobs are confirmed together send the next ones together. A classic queue rather has many at once: it
 * writes what it has before it confirms.
 */
export function spreadOf({ queueType }: Settings): Mover['enqueueSpread'] {
  return queueType === 'quorum' ? { jobs: 25, calls: 4 } : undefined
}

/** How long a delivery may be held at most, so that the server does not end the channel because of it. */
export function holdFor(consumerTimeout: Ms): Ms {
  return consumerTimeout - Math.min(MARGIN, consumerTimeout / 10)
}
