import { faultProxy, type FaultProxy } from '@jobport/fault-proxy'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { curl, eventually, serverUrl, PATIENT, Stage } from './stage.ts'

const proxyOf = (url: string): Promise<FaultProxy> => faultProxy({ port: Number(new URL(url).port) })

const sqs = await proxyOf(serverUrl('SQS_URL'))
const postgres = await proxyOf(serverUrl('POSTGRES_URL'))
const stage = new Stage({
  SQS_ENDPOINT: sqs.through(serverUrl('SQS_URL')).replace(/\/$/, ''),
  POSTGRES_URL: postgres.through(serverUrl('POSTGRES_URL')),
})
beforeAll(async () => {
  await Promise.all([stage.start('api'), stage.start('controller')])
}, PATIENT)
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await Promise.all([sqs.close(), postgres.close()])
})

const WELL = { api: 'active', sum2: 'active', mult3: 'active', surprise: 'active' }
const become = (expected: object) => eventually(async () => expect(await stage.statuses()).toEqual(expected))

it(
  'without SQS requests are taken in, and done when it is back; the processes say `queue`',
  { timeout: PATIENT },
  async () => {
    await become(WELL)
    const before = await stage.process('sum2', { first: 1, second: 1 })
    await stage.becomes(before.rid, 'completed')

    await sqs.inject({ kind: 'refuse' })
    await become({ api: 'queue', sum2: 'queue', mult3: 'queue', surprise: 'queue' })
    const { rid } = await stage.process('sum2', { first: 2, second: 2 })
    expect(await stage.process('sum2', { first: 1, second: 1 })).toMatchObject({ cached: true })
    expect((await stage.requests())[rid]).toMatchObject({ state: 'waiting' })
    expect(await curl(`${stage.url}/readyz`)).toMatchObject({ status: 200 })

    await sqs.heal()
    expect(await stage.becomes(rid, 'completed')).toMatchObject({ result: 4 })
    await become(WELL)
  },
)

it(
  'without Postgres requests are refused, and nothing is told of why; the processes say `error`',
  { timeout: PATIENT },
  async () => {
    await postgres.inject({ kind: 'refuse' })
    const asked = [
      stage.ask('POST', '/process', { task: 'sum2', client_name: 'test', params: { first: 1, second: 1 } }),
      stage.ask('GET', '/get_requests_status', { client_name: 'test' }),
      stage.ask('POST', '/set_processes_status', { sum2: 'suspended' }),
    ]
    for (const { status, body } of await Promise.all(asked)) {
      expect({ status, body }).toEqual({
        status: 500,
        body: {
          success: false,
          error: {
            code: 'internal',
            message: 'the service failed; the request id finds it in the log',
            requestId: expect.any(String),
          },
        },
      })
    }
    expect(await stage.statuses()).toEqual({ api: 'error', sum2: 'error', mult3: 'error', surprise: 'error' })
    expect(await curl(`${stage.url}/readyz`)).toEqual({
      status: 503,
      body: { ready: false, checks: { database: false } },
    })

    await postgres.heal()
    await become(WELL)
    const { rid } = await stage.process('sum2', { first: 3, second: 3 })
    expect(await stage.becomes(rid, 'completed')).toMatchObject({ result: 6 })
  },
)
