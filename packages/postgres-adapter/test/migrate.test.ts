import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createQueue, createWorker, defineJob, handle, type } from '@jobport/core'
import { migrate, plan, postgresBackend } from '../src/index.ts'
import { migrateOn, schemaState } from '../src/connection/migrate.ts'
import { MIGRATIONS } from '../src/connection/migrations.ts'
import { dropSchema, serverUrl, withClient } from './harness.ts'
import { forgetRoles } from './logins.ts'

const schema = 'migrated'
const options = { url: serverUrl(), schema }
const never = new AbortController().signal
const run = promisify(execFile)

beforeEach(() => dropSchema(schema))
afterEach(() => dropSchema(schema))

function state(): Promise<unknown> {
  return withClient((client) => schemaState(client, schema))
}

/** As the next version of the adapter would: it lets older clients go on, or not. */
function nextVersion(leastClient: number): Promise<unknown> {
  const step = `alter table jobport.meta add column later text; update jobport.meta set least_client = ${leastClient};`
  return withClient((client) => migrateOn(client, schema, [...MIGRATIONS, step]))
}

describe('migrations', () => {
  it('print what they would do, and do nothing else', async () => {
    const sql = await plan(options)
    expect(sql).toContain(`create table "${schema}".jobs`)
    expect(sql).not.toContain('jobport.')
    expect(await state()).toMatchObject({ version: 0 })
    await withClient((client) => client.query(sql))
    expect(await state()).toMatchObject({ version: MIGRATIONS.length })
    expect(await plan(options)).toBe('')
  })

  it('are made once by ten that open at the same time', async () => {
    const backends = Array.from({ length: 10 }, () => postgresBackend(options))
    await Promise.all(backends.map((backend) => backend.open()))
    await Promise.all(backends.map((backend) => backend.close()))
    expect(await state()).toMatchObject({ version: MIGRATIONS.length })
  })

  it('leave nothing behind when they fail half-way, and can be made again', async () => {
    const broken = withClient((client) => migrateOn(client, schema, [`${MIGRATIONS[0]!}; select 1/0`]))
    await expect(broken).rejects.toThrow('division by zero')
    expect(await state()).toMatchObject({ version: 0 })
    await migrate(options)
    expect(await state()).toMatchObject({ version: MIGRATIONS.length })
  })

  it('are refused where the backend may not make them', async () => {
    const backend = postgresBackend({ ...options, migrate: false })
    await expect(backend.open()).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('migrate'),
    })
  })

  it('under load lose and repeat nothing', async () => {
    const backend = postgresBackend(options)
    await backend.open()
    try {
      const stop = new AbortController()
      const done = new Set<string>()
      const working = (async () => {
        while (!stop.signal.aborted) {
          for (const job of await backend.claim({ queue: 'q', limit: 5, lease: 60_000, wait: 0 }, never)) {
            expect(done.has(job.lease.id)).toBe(false)
            done.add(job.lease.id)
            expect(await backend.settle([{ lease: job.lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
          }
        }
      })()
      for (let index = 0; index < 60; index++) {
        if (index === 20) await nextVersion(1)
        await backend.enqueue([{ id: `j${index}`, queue: 'q', name: 'n', payload: '1', headers: {} }])
      }
      while (done.size < 60) await new Promise((resolve) => setImmediate(resolve))
      stop.abort()
      await working
    } finally {
      await backend.close()
    }
  })

  it('that shut an old client out let it settle what it holds, and claim nothing more', async () => {
    const old = postgresBackend(options)
    await old.open()
    try {
      await old.enqueue(['a', 'b'].map((id) => ({ id, queue: 'q', name: 'n', payload: '1', headers: {} })))
      const [held] = await old.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 0 }, never)
      await nextVersion(2)
      const claiming = old.claim({ queue: 'q', limit: 1, lease: 60_000, wait: 5_000 }, never)
      await expect(claiming).rejects.toMatchObject({ code: 'unsupported', retryable: false })
      expect(await old.extend([held!.lease], 60_000)).toEqual(['applied'])
      expect(await old.settle([{ lease: held!.lease, to: 'completed', keep: 0 }])).toEqual(['applied'])
    } finally {
      await old.close()
    }
    await expect(old.open()).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('update') })
  })

  it('that shut an old client out end its workers, when what they do is done', async () => {
    const old = postgresBackend(options)
    const queue = createQueue(old)
    await queue.open()
    const definition = defineJob('slow', { input: type<number>(), output: type<number>() })
    const [begun, may] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const worker = createWorker(old, [
      handle(definition, async (input) => {
        begun.resolve()
        await may.promise
        return input
      }),
    ])
    const errors: unknown[] = []
    worker.on('error', (error) => void errors.push(error))
    const running = worker.run({ signals: [] }).catch((error: unknown) => error)
    const first = await queue.enqueue(definition, 1)
    await begun.promise
    await nextVersion(2)
    const next = await queue.enqueue(definition, 2)
    await expect.poll(() => errors).toMatchObject([{ code: 'unsupported' }])
    may.resolve()
    expect(await running).toMatchObject({ code: 'unsupported', message: expect.stringContaining('update') })
    expect(await first.result()).toBe(1)
    expect(await queue.inspect.find([next.id])).toMatchObject([{ state: 'waiting' }])
    await queue.close()
    await old.close()
  })

  it('that go well with an old client leave it alone', async () => {
    await migrate(options)
    await nextVersion(1)
    const old = postgresBackend(options)
    await old.open()
    expect(await old.inspect.queues()).toEqual([])
    await old.close()
  })
})

describe('the command', () => {
  const file = fileURLToPath(new URL('../src/cli.ts', import.meta.url))
  const call = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
    run(process.execPath, ['--conditions=jobport-source', '--import', loader, file, ...args])
  const loader = fileURLToPath(new URL('../../../scripts/workspace/from-source.mjs', import.meta.url))

  it('plans and migrates', async () => {
    expect((await call('plan', '--url', serverUrl(), '--schema', schema)).stdout).toContain('create table')
    await call('migrate', '--url', serverUrl(), '--schema', schema)
    expect(await state()).toMatchObject({ version: MIGRATIONS.length })
    expect((await call('plan', '--url', serverUrl(), '--schema', schema)).stdout.trim()).toBe('')
  })

  it('makes the roles too', async () => {
    try {
      const { stdout } = await call('migrate', '--roles', '--url', serverUrl(), '--schema', schema)
      expect(stdout).toContain('its roles are there')
      const { stdout: sql } = await call('plan', '--roles', '--url', serverUrl(), '--schema', schema)
      await withClient((client) => client.query(`set role ${schema}_worker; reset role; ${sql}`))
    } finally {
      await forgetRoles(schema)
    }
  })

  it.each([
    [['destroy', '--url', 'postgres:'], 'give one of plan and migrate'],
    [['plan', 'migrate', '--url', 'postgres:'], 'give one of plan and migrate'],
    [['plan', '--nope'], "Unknown option '--nope'"],
  ])('says what is wrong with %j, and how it is used', async (args, problem) => {
    await expect(call(...args)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`^${problem}[^]*jobport-postgres plan`)),
    })
  })

  it('says in a line what went wrong', async () => {
    await expect(call('plan', '--url', 'postgres://127.0.0.1:1/none')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^postgres: .*is the server up, and reachable from here\?\n$/),
    })
  })

  it('helps', async () => {
    expect((await call('--help')).stdout).toContain('jobport-postgres plan')
  })
})
