import type { Harness } from '@jobport/conformance'
import { Redis } from 'ioredis'
import { redisBackend } from '../src/index.ts'
import { makeUser, rulesOf } from './acl.ts'

let sent = 0
const { sendCommand } = Redis.prototype
Redis.prototype.sendCommand = function (this: Redis, ...args: Parameters<typeof sendCommand>) {
  sent++
  return sendCommand.apply(this, args)
}

/** Commands that were sent so far by all clients of this process. */
export const commandsSent = (): number => sent

/** The server that the tests run on. */
export function serverUrl(): string {
  const url = process.env['REDIS_URL']
  if (url === undefined) throw new Error('REDIS_URL is not set: run the tests by `npm test`, which starts a server')
  return url
}

/** The suite on one server: instances of one namespace share their keys. They have the rights of a worker that the guide lists, and no others. */
export function serverHarness(url = serverUrl()): Harness {
  return {
    name: 'redis',
    durable: true,
    unit: 150,
    spy: commandsSent,
    skip: {
      'F1.2': 'the first enqueue into a queue writes its name down; commands.test.ts counts those after it',
      'F1.5': 'the first follow-up into a queue writes its name down; commands.test.ts counts those after it',
      'F1.8': 'an id does not tell its queue, so all are asked; commands.test.ts counts them',
    },
    async open(namespace) {
      return redisBackend({ url: await makeWorker(url, namespace), namespace, warn: () => {} })
    },
    async cleanup(namespace) {
      await removeWorker(url, namespace)
      await removeKeys(url, namespace)
    },
  }
}

const userOf = (namespace: string): string => `worker-of-${namespace}`

/** Makes the user of a worker in a namespace, and answers the URL to connect as it. */
export function makeWorker(url: string, namespace: string): Promise<string> {
  return asAdmin(url, (admin) => makeUser(admin, url, userOf(namespace), rulesOf('worker', namespace)))
}

export async function removeWorker(url: string, namespace: string): Promise<void> {
  await asAdmin(url, (admin) => admin.acl('DELUSER', userOf(namespace)))
}

async function asAdmin<T>(url: string, work: (admin: Redis) => Promise<T>): Promise<T> {
  const admin = new Redis(url)
  try {
    return await work(admin)
  } finally {
    admin.disconnect()
  }
}

export function removeKeys(url: string, namespace: string): Promise<void> {
  return asAdmin(url, async (admin) => {
    const keys = await keysOf(admin, namespace)
    if (keys.length > 0) await admin.del(...keys)
  })
}

/** All keys of a namespace. */
export async function keysOf(client: Redis, namespace: string): Promise<string[]> {
  return [...(await client.keys(`{${namespace}:*`)), ...(await client.keys(`${namespace}:*`))]
}

/** Keys of the queues of a namespace that stay until somebody drops them. Those of `meta` stay for good. */
export async function entriesOf(client: Redis, namespace: string): Promise<number> {
  const keys = (await keysOf(client, namespace)).filter((key) => /^\{.*\}:(?!meta$)/.test(key))
  const times = await Promise.all(keys.map((key) => client.ttl(key)))
  return times.filter((time) => time === -1).length
}
