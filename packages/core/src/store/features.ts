import type { Features } from '../contract/features.ts'
import type { Limits } from '../contract/limits.ts'

/** A backend that keeps no state. */
export type BrokerFeatures = Features & { readonly state: false }

/**
 * What a broker with a store can do. Of the broker's own features its priorities are left: a job that was not sent at once is sent later, so
 * neither the order of a queue nor that of a group outlives a failure.
 */
export interface StoredFeatures<F extends BrokerFeatures> extends Features {
  readonly state: true
  readonly results: true
  readonly delay: true
  readonly priority: F['priority']
  readonly unique: true
  readonly group: false
  readonly fifo: false
  readonly atomicFollowUps: true
  readonly transactions: false
}

export function storedFeatures<F extends BrokerFeatures>(broker: F): StoredFeatures<F> {
  return Object.freeze({
    state: true,
    results: true,
    delay: true,
    priority: broker.priority,
    unique: true,
    group: false,
    fifo: false,
    atomicFollowUps: true,
    transactions: false,
  })
}

/** The store's, but for what the broker has to carry or to tell apart. */
export function storedLimits(broker: Limits, store: Limits): Limits {
  return Object.freeze({
    ...store,
    priorities: Math.min(broker.priorities, store.priorities),
    tick: Math.max(broker.tick, store.tick),
  })
}
