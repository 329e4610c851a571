import type { Harness } from '@jobport/conformance'
import { Redis } from 'ioredis'
import { redisBackend } from '../src/index.ts'

/** The server that the tests run on. */
export function serverUrl(): string {
  const url = process.env['REDIS_URL']
  if (url === undefined) throw new Error('REDIS_URL is not set: run the tests by `npm test`, which starts a server')
  return url
}

/** The suite on one server: instances of one namespace share their keys. */
export function serverHarness(url = serverUrl()): Harness {
  return {
    name: 'redis',
    unit: 150,
    open: (namespace) => redisBackend({ url, namespace, warn: () => {} }),
    cleanup: (namespace) => removeKeys(url, namespace),
  }
}

export async function removeKeys(url: string, namespace: string): Promise<void> {
  const client = new Redis(url)
  const keys = await keysOf(client, namespace)
  if (keys.length > 0) await client.del(...keys)
  client.disconnect()
}

/** All keys of a namespace. */
export async function keysOf(client: Redis, namespace: string): Promise<string[]> {
  return [...(await client.keys(`{${namespace}:*`)), ...(await client.keys(`${namespace}:*`))]
}
