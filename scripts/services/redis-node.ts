import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { answer } from './answer.ts'
import { freePort } from './free-port.ts'
import type { KeeperClient } from './keeper-client.ts'
import { locate } from './locate.ts'
import { redis } from './redis.ts'

const patience = 60_000

/** One of several Redis servers that know each other. */
export interface RedisNode {
  readonly port: number
  readonly url: string
  /** For orders to the server itself. */
  readonly client: Redis
}

/** Starts a server with more arguments than one that is alone has; resolves when it answers. */
export async function startNode(
  keeper: KeeperClient,
  name: string,
  more: readonly string[],
  port?: number,
): Promise<RedisNode> {
  const own = port ?? (await freePort())
  const found = await locate(redis, own)
  if (!('binary' in found))
    throw new Error('Several Redis servers in containers do not find each other. Install redis-server.')
  const folder = join(keeper.folder, name)
  await mkdir(folder)
  for (const { command, args } of await redis.prepare({ binary: found.binary, folder, port: own }))
    await keeper.start({ name }, { command, args: [...args, ...more] })
  const url = redis.url(own)
  await answer(redis, url, () => keeper.problem(name))
  const client = new Redis(own, '127.0.0.1')
  client.on('error', () => {})
  return { port: own, url, client }
}

/** Resolves when it is so. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patience
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`After ${patience / 1_000} s it is still not so: ${what}`)
    await sleep(20)
  }
}
