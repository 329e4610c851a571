import { testBackend, type Harness } from '@jobport/conformance'
import { memoryStore, withStore, type MemoryStore } from '@jobport/core'
import { describe, it } from 'vitest'
import { serverHarness } from './harness.ts'
import { sqsBackend } from '../src/index.ts'
import { reach } from './server.ts'

const stores = new Map<string, MemoryStore>()
const { cleanup, unit } = serverHarness(false)

/** SQS with a store beside it. Delays beyond 2 s are the store's, so that both keep some. */
const harness: Harness = {
  name: 'sqs with a store',
  durable: true,
  unit: unit!,
  open(namespace) {
    const known = stores.get(namespace)
    const store = known?.peer() ?? memoryStore({ warn: () => {} })
    if (known === undefined) stores.set(namespace, store)
    const broker = sqsBackend({ sqs: reach(), prefix: `${namespace}-`, create: true, longPoll: '1s', warn: () => {} })
    return withStore(broker, store, { handOff: '2s', warn: () => {} })
  },
  async cleanup(namespace) {
    stores.delete(namespace)
    await cleanup(namespace)
  },
}

await testBackend(harness, { describe, it })
