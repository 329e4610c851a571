import type { NewJob, Started } from '@jobport/core/adapter'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postgresBackend, postgresStore, roles, type PostgresBackend } from '../src/index.ts'
import { serverUrl, withClient } from './harness.ts'
import { forgetRoles, login, prepared } from './logins.ts'

const job: NewJob = { id: 'job', queue: 'q', name: 'n', payload: '1', headers: {} }
const claim = { queue: 'q', limit: 1, lease: 1_000, wait: 0 }
const denied = { code: 'denied', outcome: 'none' }

describe('roles', () => {
  const schema = 'least'
  const open = new Map<string, PostgresBackend>()

  beforeAll(async () => {
    await prepared(schema)
    for (const role of ['viewer', 'producer', 'worker']) {
      const backend = postgresBackend({ url: await login(schema, role), schema, migrate: false })
      await backend.open()
      open.set(role, backend)
    }
  })

  afterAll(async () => {
    for (const backend of open.values()) await backend.close()
    await forgetRoles(schema)
  })

  it('can be made again', async () => {
    await expect(withClient((client) => client.query(roles({ schema })))).resolves.toBeDefined()
  })

  it('a viewer sees and changes nothing', async () => {
    const viewer = open.get('viewer')!
    await open.get('producer')!.enqueue([job])
    expect(await viewer.inspect.find(['job'])).toMatchObject([{ state: 'waiting' }])
    expect(await viewer.inspect.counts('q')).toMatchObject({ waiting: 1 })
    await expect(viewer.enqueue([job])).rejects.toMatchObject(denied)
    await expect(viewer.claim(claim, new AbortController().signal)).rejects.toMatchObject(denied)
    await expect(viewer.operate.remove(['job'])).rejects.toMatchObject(denied)
  })

  it('a producer enqueues and cancels, and cannot claim, settle or remove', async () => {
    const producer = open.get('producer')!
    await producer.enqueue([{ ...job, id: 'mine' }])
    await expect(producer.claim(claim, new AbortController().signal)).rejects.toMatchObject(denied)
    const lease = { id: 'mine', queue: 'q', token: '1:x.1.4.1' }
    await expect(producer.operate.remove(['mine'])).rejects.toMatchObject(denied)
    await expect(producer.operate.pause('q')).rejects.toMatchObject(denied)
    expect(await producer.operate.cancel([{ id: 'mine', keep: 1_000 }])).toEqual(['cancelled'])
    expect(await producer.settle([{ lease, to: 'completed', keep: 0 }])).toEqual(['lost'])
  })

  it('nobody touches the tables without the functions', async () => {
    for (const role of ['viewer', 'producer', 'worker']) {
      const url = new URL(serverUrl())
      url.username = `${schema}_as_${role}`
      await expect(withClient((client) => client.query(`delete from ${schema}.jobs`), url.href)).rejects.toThrow(
        'permission denied',
      )
    }
  })
})

describe('roles of a store', () => {
  const schema = 'least_store'
  afterAll(() => forgetRoles(schema))

  it('let a producer record and confirm jobs, and a worker do all that is done with them', async () => {
    await prepared(schema, true)
    const as = async (role: string) => postgresStore({ url: await login(schema, role), schema, migrate: false })
    const [producer, worker] = [await as('producer'), await as('worker')]
    await Promise.all([producer.open(), worker.open()])
    const handOff = { delay: 1_000, grace: 0, origin: 'o' }
    await producer.insert([job], handOff)
    await producer.sent([{ id: 'job', sending: '' }])
    const attempt = { id: 'job', queue: 'q', token: 'claim' }
    await expect(producer.begin([attempt], 60_000)).rejects.toMatchObject(denied)
    const [begun] = await worker.begin([attempt], 60_000)
    const { lease } = begun as Started
    expect(await worker.extend([lease], 60_000)).toEqual(['applied'])
    expect(await worker.report([{ lease, progress: '1' }])).toEqual(['applied'])
    expect(await worker.apply([{ lease, to: 'completed', keep: 60_000 }], handOff)).toEqual(['applied'])
    expect(await worker.due(10, 1_000)).toEqual([])
    await Promise.all([producer.close(), worker.close()])
  })
})
