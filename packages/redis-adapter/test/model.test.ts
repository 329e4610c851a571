import { modelTest } from '@jobport/conformance'
import { Redis } from 'ioredis'
import { afterAll, it } from 'vitest'
import { removeKeys, serverUrl } from './harness.ts'
import { SharedClock, virtualRedis } from './virtual.ts'

const url = serverUrl()
const client = new Redis(url)
afterAll(() => client.disconnect())
const clock = new SharedClock(client)

modelTest(
  {
    name: 'redis',
    clock,
    async open(namespace) {
      await clock.add(namespace)
      return virtualRedis(url, namespace)
    },
    async cleanup(namespace) {
      clock.delete(namespace)
      await removeKeys(url, namespace)
    },
  },
  { it },
  { runs: Number(process.env['JOBPORT_MODEL_RUNS'] ?? 200), seed: Number(process.env['JOBPORT_MODEL_SEED'] ?? 1) },
)
