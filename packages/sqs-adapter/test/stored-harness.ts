import type { Harness } from '@jobport/conformance'
import { withStore } from '@jobport/core'
import type { Store } from '@jobport/core/adapter'
import { sqsBackend } from '../src/index.ts'
import { removeQueues } from './harness.ts'
import { reach } from './server.ts'

export interface Beside {
  readonly name: string
  /** The store of a namespace. */
  store(namespace: string): Store
  /** Removes it. */
  remove(namespace: string): Promise<void> | void
}

/** The suite on standard queues with a store beside them. Delays beyond a unit are the store's, so that both keep some. */
export function storedHarness({ name, store, remove }: Beside): Harness {
  return {
    name,
    table: 'Brokers with a store',
    durable: true,
    unit: 2_000,
    open(namespace) {
      const broker = sqsBackend({ sqs: reach(), prefix: `${namespace}-`, create: true, longPoll: '1s', warn: () => {} })
      return withStore(broker, store(namespace), { handOff: '2s', relayEvery: 200, warn: () => {} })
    },
    async cleanup(namespace) {
      await removeQueues(namespace)
      await remove(namespace)
    },
  }
}
