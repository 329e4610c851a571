import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { find } from './locate.ts'
import { startServices } from './start-services.ts'

const minutes = 60_000
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'services-'))
  chmodSync(folder, 0o711)
  vi.stubEnv('TMPDIR', folder)
  // The servers of other tests are none of theirs.
  for (const variable of ['REDIS_URL', 'POSTGRES_URL', 'AMQP_URL', 'SQS_URL', 'JOBPORT_SERVERS'])
    vi.stubEnv(variable, undefined)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

test('Redis and Postgres answer, and nothing is left of them afterwards', { timeout: 5 * minutes }, async () => {
  const { env, stop } = await startServices(['redis', 'postgres'])
  const redis = new URL(env['REDIS_URL']!)
  const postgres = new URL(env['POSTGRES_URL']!)
  try {
    expect(await ping(redis)).toBe('+PONG\r\n')
    const client = new pg.Client({ connectionString: postgres.href })
    await client.connect()
    expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
    await client.end()
  } finally {
    await stop()
  }
  await expect(ping(redis)).rejects.toThrow('ECONNREFUSED')
  await expect(ping(postgres)).rejects.toThrow('ECONNREFUSED')
  expect(readdirSync(folder)).toEqual([])
})

test('a server ends with the process that started it, even when that is killed', { timeout: 5 * minutes }, async () => {
  const run = fileURLToPath(new URL('run.ts', import.meta.url))
  const lender = spawn(process.execPath, [run, 'redis'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(lender.stdout, 'data')) as [Buffer]
  const redis = new URL(line.toString().trim().replace('REDIS_URL=', ''))
  expect(await ping(redis)).toBe('+PONG\r\n')

  lender.kill('SIGKILL')
  await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]), { timeout: 60_000, interval: 50 })
  await expect(ping(redis)).rejects.toThrow('ECONNREFUSED')
})

test('a server that the environment names is used, and left running', { timeout: minutes }, async () => {
  const own = await startServices(['redis'])
  vi.stubEnv('REDIS_URL', own.env['REDIS_URL'])
  try {
    const lent = await startServices(['redis'])
    expect(lent.env).toEqual(own.env)
    await lent.stop()
    expect(await ping(new URL(own.env['REDIS_URL']!))).toBe('+PONG\r\n')
  } finally {
    await own.stop()
  }
})

test('programs of folders that JOBPORT_SERVERS names come first, under any of their names', () => {
  const [named, own] = [join(folder, 'named'), join(folder, 'own')] as const
  for (const [each, name] of [
    [named, 'valkey-server'],
    [own, 'redis-server'],
  ] as const) {
    mkdirSync(each)
    writeFileSync(join(each, name), '', { mode: 0o755 })
  }
  const wanted = { name: 'redis-server', others: ['valkey-server'], folders: [own] }
  expect(find(wanted)).toBe(join(own, 'redis-server'))
  vi.stubEnv('JOBPORT_SERVERS', [join(folder, 'missing'), named].join(delimiter))
  expect(find(wanted)).toBe(join(named, 'valkey-server'))
})

function ping(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => socket.write('PING\r\n'))
    socket.on('error', reject)
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
  })
}
