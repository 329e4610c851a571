import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgresStandby } from '../../../scripts/services/postgres-standby.ts'
import { startRestartable } from '../../../scripts/services/restartable.ts'
import { isBackendFailure, type Health, type NewJob } from '@jobport/core/adapter'
import { postgresBackend, roles, type PostgresBackend } from '../src/index.ts'
import { dropSchema, serverUrl, withClient } from './harness.ts'

const schema = 'health'

async function healthWith(settings: string): Promise<Health> {
  const backend = postgresBackend({ url: serverUrl(), schema, connection: { options: settings } })
  await backend.open()
  try {
    return await backend.health()
  } finally {
    await backend.close()
  }
}

describe('health', () => {
  beforeAll(() =>
    withClient((client) =>
      // Nobody waits for ten minutes: in these schemas the server says that somebody has.
      client.query(['open', 'prepared'].map((kind) => aged(kind, 11)).join(';') + ';' + aged('open', 9, 'recently')),
    ),
  )
  afterAll(async () => {
    for (const each of [schema, 'aged_open', 'aged_prepared', 'recently']) await dropSchema(each)
  })

  it('is good where nothing is wrong', async () => {
    expect(await healthWith('')).toEqual({
      reachable: true,
      durability: 'fsync',
      warnings: [],
      version: expect.stringMatching(/^1\d/),
    })
  })

  it('says that a crash takes the last jobs where commits are not waited for', async () => {
    expect(await healthWith('-c synchronous_commit=off')).toMatchObject({
      durability: 'async',
      warnings: [expect.stringContaining('synchronous_commit is off')],
    })
  })

  it.each(['aged_open', 'aged_prepared'])('warns of a transaction that vacuum waits for, as in %s', async (path) => {
    expect((await healthWith(`-c search_path=${path},pg_catalog`)).warnings).toEqual([
      expect.stringContaining('has been open for 11 minutes'),
    ])
  })

  it('does not warn of one that has not been open for ten minutes', async () => {
    expect((await healthWith('-c search_path=recently,pg_catalog')).warnings).toEqual([])
  })
})

/** A schema in whose views a transaction is so many minutes old. */
function aged(kind: string, minutes: number, name = `aged_${kind}`): string {
  const since = `clock_timestamp() - interval '${minutes} minutes'`
  const view =
    kind === 'open'
      ? `pg_stat_activity as select ${since} as xact_start, '1'::xid as backend_xmin, null::xid as backend_xid`
      : `pg_prepared_xacts as select ${since} as prepared`
  return `create schema ${name}; create view ${name}.${view}`
}

const never = new AbortController().signal
const job = (id: string): NewJob => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} })

function claim(backend: PostgresBackend): ReturnType<PostgresBackend['claim']> {
  return backend.claim({ queue: 'q', limit: 9, lease: 60_000, wait: 0 }, never)
}

function configure(url: string, text: string): Promise<unknown> {
  return withClient(async (client) => {
    await client.query(`alter system set ${text}`)
    await client.query('select pg_reload_conf()')
  }, url)
}

it('transactions of other roles are seen with pg_read_all_stats alone, as the guide says', async () => {
  const url = new URL(serverUrl())
  url.username = 'onlooker'
  const seen = (): Promise<number> =>
    withClient(async (client) => {
      const open = "from pg_stat_activity where application_name = 'open for long' and xact_start is not null"
      return Number((await client.query(`select count(*) ${open}`)).rows[0].count)
    }, url.href)
  await withClient(async (client) => {
    await client.query("create role onlooker login; set application_name = 'open for long'")
    await client.query('begin')
    try {
      expect(await seen()).toBe(0)
      await withClient((other) => other.query('grant pg_read_all_stats to onlooker'))
      expect(await seen()).toBe(1)
    } finally {
      await client.query('rollback; drop role onlooker')
    }
  })
})

describe('a standby', () => {
  it(
    'makes what is accepted replicated, is looked into, refuses work, and takes it up when it is promoted',
    { timeout: 180_000 },
    async () => {
      const server = await startRestartable('postgres')
      const open: PostgresBackend[] = []
      const opened = async (url: string): Promise<PostgresBackend> => {
        const backend = postgresBackend({ url, pollInterval: '100ms' })
        open.push(backend)
        await backend.open()
        return backend
      }
      const backend = await opened(server.url)
      const standby = await startPostgresStandby(server.url)
      try {
        await configure(server.url, "synchronous_standby_names = '*'")
        await expect.poll(async () => (await backend.health()).durability).toBe('replicated')
        await withClient(
          (client) => client.query(`${roles()}; create role looker login in role jobport_viewer`),
          server.url,
        )
        const looker = await opened(server.url.replace('postgres@', 'looker@'))
        expect((await looker.health()).durability).toBe('fsync')
        await withClient((client) => client.query('grant pg_read_all_stats to looker'), server.url)
        expect((await looker.health()).durability).toBe('replicated')
        await backend.enqueue([job('kept')])

        const follower = await opened(standby.url)
        expect(await follower.health()).toMatchObject({
          reachable: true,
          warnings: [expect.stringContaining('read-only')],
        })
        await expect.poll(() => follower.inspect.find(['kept'])).toMatchObject([{ state: 'waiting' }])
        const refused = { code: 'unavailable', outcome: 'none', retryable: true }
        await expect(follower.enqueue([job('refused')])).rejects.toMatchObject(refused)
        await expect(claim(follower)).rejects.toMatchObject(refused)

        await server.kill()
        await standby.promote()
        expect((await soon(() => claim(follower))).map(({ lease }) => lease.id)).toEqual(['kept'])
        expect(await soon(() => follower.enqueue([job('new')]))).toEqual([{ status: 'enqueued' }])
        expect(await follower.health()).toMatchObject({ durability: 'fsync', warnings: [] })

        await configure(standby.url, 'fsync = off')
        await expect.poll(async () => (await follower.health()).durability).toBe('none')
        expect((await follower.health()).warnings.join()).toContain('fsync is off')
      } finally {
        await Promise.all(open.map((each) => each.close()))
        await standby.stop()
        await server.stop()
      }
    },
  )
})

/** Again while it fails for a reason that passes. */
async function soon<T>(call: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      return await call()
    } catch (error) {
      if (failures > 400 || !isBackendFailure(error) || !error.retryable) throw error
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }
}
