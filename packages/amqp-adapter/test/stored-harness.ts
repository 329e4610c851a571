import type { Harness } from '@jobport/conformance'
import { withStore } from '@jobport/core'
import type { Store } from '@jobport/core/adapter'
import { amqpBackend } from '../src/index.ts'
import { noteDeclarations, removeNamespace, serverUrl } from './harness.ts'

export interface Beside {
  readonly name: string
  /** The store of a namespace. */
  store(namespace: string): Store
  /** Removes it. */
  remove(namespace: string): Promise<void> | void
}

/** Long enough that a first delay can have its queues declared before it is over. */
const UNIT = 500

/** The suite on a server with a store beside it. Delays beyond two units are the store's, so that both keep some. */
export function storedHarness({ name, store, remove }: Beside): Harness {
  return {
    name,
    table: 'Brokers with a store',
    durable: true,
    unit: UNIT,
    skip: {
      'A3.6':
        'a returned job may go to who is about to claim there, and comes back after a quarter of a second: a claim elsewhere that does not wait finds nothing',
    },
    async open(namespace) {
      await noteDeclarations()
      const broker = amqpBackend({ url: serverUrl(), namespace, warn: () => {} })
      return withStore(broker, store(namespace), { handOff: 2 * UNIT, relayEvery: 100, warn: () => {} })
    },
    async cleanup(namespace) {
      await removeNamespace(namespace)
      await remove(namespace)
    },
  }
}
