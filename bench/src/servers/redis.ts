import { setTimeout } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { ConnectServer } from '../server.ts'

/** Where the suite's own server listens. */
export function redisUrl(): string {
  return process.env['REDIS_URL']!
}

export const connectRedis: ConnectServer = async () => {
  const client = new Redis(redisUrl())
  const info = async (section: string): Promise<ReadonlyMap<string, string>> => {
    const lines = (await client.info(section)).trim().split('\r\n')
    return new Map(lines.map((line) => line.split(':', 2) as [string, string]))
  }
  const number = async (section: string, ...fields: readonly string[]): Promise<readonly number[]> => {
    const values = await info(section)
    return fields.map((field) => Number(values.get(field) ?? 0))
  }
  return {
    description: `Redis ${(await info('server')).get('redis_version')}, no persistence but where a scenario says so`,
    async reset() {
      await client.config('SET', 'appendonly', 'no')
      await client.flushall('SYNC')
      await client.script('FLUSH', 'SYNC')
    },
    async bytes() {
      const fields = ['used_memory', 'mem_clients_normal', 'mem_aof_buffer']
      const [used, clients, buffer] = await number('memory', ...fields)
      return used! - clients! - buffer!
    },
    async cpuSeconds() {
      const [system, user] = await number('cpu', 'used_cpu_sys', 'used_cpu_user')
      return system! + user!
    },
    async persist() {
      await client.config('SET', 'appendfsync', 'everysec', 'appendonly', 'yes')
      // The first file is written in the background.
      while ((await number('persistence', 'aof_rewrite_scheduled', 'aof_rewrite_in_progress')).some(Boolean)) {
        await setTimeout(20)
      }
    },
    close: async () => client.disconnect(),
  }
}
