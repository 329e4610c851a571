import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { redis } from './redis.ts'
import { startRestartable } from './restartable.ts'

const minutes = 60_000

test('Redis: what it has acknowledged is there after it was killed', { timeout: 2 * minutes }, async () => {
  const server = await startRestartable('redis')
  const client = new Redis(server.url, { lazyConnect: true, maxRetriesPerRequest: null })
  client.on('error', () => {})
  try {
    await client.set('key', 'value')
    await server.kill()
    await server.start()
    expect(await client.get('key')).toBe('value')
  } finally {
    client.disconnect()
    await server.stop()
  }
  await expect(redis.ping(new URL(server.url))).rejects.toThrow('ECONNREFUSED')
})

test('Postgres: what it has committed is there after it was killed', { timeout: 5 * minutes }, async () => {
  const server = await startRestartable('postgres')
  const query = async (text: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: server.url })
    client.on('error', () => {})
    await client.connect()
    const { rows } = await client.query(text)
    await client.end()
    return rows
  }
  try {
    await query('create table kept as select 1 as one')
    await server.kill()
    await expect(query('select 1')).rejects.toThrow('ECONNREFUSED')
    await server.start()
    expect(await query('select one from kept')).toEqual([{ one: 1 }])
  } finally {
    await server.stop()
  }
})

test('a program that does nothing else waits for all processes of its servers', { timeout: minutes }, async () => {
  const module = JSON.stringify(new URL('keeper-client.ts', import.meta.url).href)
  const script = `const { KeeperClient } = await import(${module})
    const keeper = await KeeperClient.create()
    const command = { command: process.execPath, args: ['--version'], env: {} }
    await Promise.all(Array.from({ length: 50 }, () => keeper.start({ name: 'node' }, command)))
    console.log('started')
    await keeper.stop()`
  const program = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [output] = await Promise.all([text(program.stdout), once(program, 'exit')])
  expect(output).toBe('started\n')
})
