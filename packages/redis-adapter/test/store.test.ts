import { testBackend, testStore } from '@jobport/conformance'
import { withStore } from '@jobport/core'
import { memoryBroker, type MemoryBroker } from '@jobport/core/testing'
import { Redis } from 'ioredis'
import { describe, it } from 'vitest'
import { redisStore } from '../src/index.ts'
import { entriesOf, makeWorker, removeKeys, removeWorker, serverUrl } from './harness.ts'

const url = serverUrl()
const brokers = new Map<string, MemoryBroker>()

/** A store with the rights of a worker that the guide lists, and no others. */
async function storeOf(namespace: string): Promise<ReturnType<typeof redisStore>> {
  return redisStore({ url: await makeWorker(url, `${namespace}+store`), namespace, warn: () => {} })
}

async function cleanup(namespace: string): Promise<void> {
  await removeWorker(url, `${namespace}+store`)
  await removeKeys(url, `${namespace}+store`)
}

// Side by side, for they wait most of the time.
testStore(
  {
    name: 'redis',
    open: storeOf,
    cleanup,
    async footprint(namespace) {
      const client = new Redis(url)
      try {
        return await entriesOf(client, `${namespace}+store`)
      } finally {
        client.disconnect()
      }
    },
  },
  { describe, it: it.concurrent },
)

await testBackend(
  {
    name: 'memory broker with a Redis store',
    matrix: false,
    durable: true,
    unit: 300,
    async open(namespace) {
      const broker = brokers.get(namespace)?.peer() ?? memoryBroker({ limits: { delay: 450, retryDelay: 450 } })
      brokers.set(namespace, broker)
      return withStore(broker, await storeOf(namespace), { relayEvery: 100, warn: () => {} })
    },
    cleanup(namespace) {
      brokers.delete(namespace)
      return cleanup(namespace)
    },
  },
  { describe, it },
)
