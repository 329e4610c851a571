import { memoryStore, withStore, type MemoryStore } from '@jobport/core'
import { memoryBroker, VirtualClock, type MemoryBroker, type MemoryBrokerOptions } from '@jobport/core/testing'
import type { Harness } from '../src/index.ts'

/** A broker and a store in memory, in virtual time. Delays of more than 1,500 ms are the store's, so that both keep some. */
export function storedHarness(options: { readonly payloads?: 'store' } = {}): Harness {
  const clock = new VirtualClock()
  const limits: MemoryBrokerOptions['limits'] = { delay: 1_500, retryDelay: 1_500, settleBatch: 100, enqueueBatch: 100 }
  const spaces = new Map<string, { readonly broker: MemoryBroker; readonly store: MemoryStore }>()
  return {
    name: options.payloads === undefined ? 'memory broker with a store' : 'memory broker with payloads in the store',
    matrix: false,
    clock,
    durable: true,
    open(namespace) {
      const known = spaces.get(namespace)
      const broker = known?.broker.peer() ?? memoryBroker({ clock, limits })
      const store = known?.store.peer() ?? memoryStore({ clock, warn: () => {} })
      if (known === undefined) spaces.set(namespace, { broker, store })
      return withStore(broker, store, { clock, warn: () => {}, ...options })
    },
    cleanup: async (namespace) => void spaces.delete(namespace),
  }
}
