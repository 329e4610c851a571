import { testBackend, whatTheStoreDecides } from '@jobport/conformance'
import { redisStore } from '@jobport/redis-adapter'
import { Redis } from 'ioredis'
import { describe, it } from 'vitest'
import { storedHarness } from '../stored-harness.ts'

const url = process.env['REDIS_URL']
if (url === undefined)
  throw new Error('REDIS_URL is not set: run the tests by `npm run test:long`, which starts a server')

const namespaceOf = (namespace: string): string => `amqp_${namespace}`

const harness = storedHarness({
  name: 'amqp with redis',
  store: (namespace) => redisStore({ url, namespace: namespaceOf(namespace), warn: () => {} }),
  async remove(namespace) {
    const client = new Redis(url)
    try {
      for (const key of await client.keys(`*${namespaceOf(namespace)}+store*`)) await client.del(key)
    } finally {
      client.disconnect()
    }
  },
})

await testBackend(whatTheStoreDecides(harness), { describe, it })
