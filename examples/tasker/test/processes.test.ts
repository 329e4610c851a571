import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventually, PATIENT, Stage } from './stage.ts'

const stage = new Stage()
beforeAll(() => stage.start('api'), PATIENT)
afterAll(() => stage[Symbol.asyncDispose]())

/** Resolves when the processes are so. */
const become = (expected: object) => eventually(async () => expect(await stage.statuses()).toMatchObject(expected))

it(
  'a task without a controller is in error; one that dies is missed, one that stops says so',
  { timeout: PATIENT },
  async () => {
    expect(await stage.statuses()).toEqual({ api: 'active', sum2: 'error', mult3: 'error', surprise: 'error' })
    const some = await stage.start('controller', { TASKS: 'sum2,mult3' })
    await become({ sum2: 'active', mult3: 'active', surprise: 'error' })
    const other = await stage.start('controller', { TASKS: 'surprise' })
    await become({ sum2: 'active', mult3: 'active', surprise: 'active' })

    await other.stop()
    expect(await stage.statuses()).toMatchObject({ sum2: 'active', surprise: 'error' })
    await some.kill()
    await become({ api: 'active', sum2: 'error', mult3: 'error' })
  },
)

it('a controller serves the queues that it was told to, and no other', { timeout: PATIENT }, async () => {
  const controller = await stage.start('controller', { TASKS: 'sum2' })
  const mult = await stage.process('mult3', { first: 1, second: 2, third: 3 })
  const sum = await stage.process('sum2', { first: 1, second: 2 })
  await stage.becomes(sum.rid, 'completed')
  expect((await stage.requests())[mult.rid]).toMatchObject({ state: 'waiting' })
  await stage.start('controller', { TASKS: 'mult3' })
  expect(await stage.becomes(mult.rid, 'completed')).toMatchObject({ result: 6 })
  await controller.stop()
})

it(
  'a suspended task takes nothing in, not even what it knows, and what it has waits until it is active again',
  { timeout: PATIENT },
  async () => {
    await stage.start('controller', { TASKS: 'sum2' })
    const known = await stage.process('sum2', { first: 3, second: 4 })
    await stage.becomes(known.rid, 'completed')

    await stage.ask('POST', '/set_processes_status', { surprise: 'suspended', sum2: 'suspended' })
    expect(await stage.statuses()).toMatchObject({ api: 'active', sum2: 'suspended', surprise: 'suspended' })
    for (const params of [
      { first: 3, second: 4 },
      { first: 5, second: 6 },
    ]) {
      expect(await stage.ask('POST', '/process', { task: 'sum2', client_name: 'test', params })).toMatchObject({
        status: 409,
        body: {
          success: false,
          error: { code: 'suspended', field: 'body.task', message: expect.stringContaining('sum2') },
        },
      })
    }
    await stage.ask('POST', '/set_processes_status', { sum2: 'active', surprise: 'active' })
    await become({ sum2: 'active' })
    const { rid } = await stage.process('sum2', { first: 5, second: 6 })
    expect(await stage.becomes(rid, 'completed')).toMatchObject({ result: 11 })
  },
)

it('work that a task has when it is suspended waits', { timeout: PATIENT }, async () => {
  const { rid } = await stage.process('surprise', { first: 2 })
  await stage.ask('POST', '/set_processes_status', { surprise: 'suspended' })
  await stage.start('controller', { TASKS: 'surprise' })
  // A message of it is taken from the queue, and given to the store to be kept.
  await eventually(async () => expect(await stage.messages()).toBe(0))
  expect((await stage.requests())[rid]).toMatchObject({ state: 'waiting' })
  await stage.ask('POST', '/set_processes_status', { surprise: 'active' })
  await stage.becomes(rid, 'completed')
})

it('a suspended API takes nothing in, and answers questions', { timeout: PATIENT }, async () => {
  await stage.ask('POST', '/set_processes_status', { api: 'suspended' })
  expect(await stage.statuses()).toMatchObject({ api: 'suspended', sum2: 'active' })
  const params = { first: 1, second: 2 }
  expect(await stage.ask('POST', '/process', { task: 'sum2', client_name: 'test', params })).toMatchObject({
    status: 409,
  })
  expect(Object.keys(await stage.requests())).not.toHaveLength(0)
  await stage.ask('POST', '/set_processes_status', { api: 'active' })
  expect(await stage.process('sum2', params)).toMatchObject({ success: true })
})

it(
  'a task whose runs fail in here is in error, says nothing of it to clients, and is well when a run completes',
  { timeout: PATIENT },
  async () => {
    await stage.database.query('alter table answers rename to mislaid')
    try {
      const asked = await stage.ask('POST', '/process', {
        task: 'sum2',
        client_name: 'eve',
        params: { first: 7, second: 7 },
      })
      expect(asked).toEqual({
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
    } finally {
      await stage.database.query('alter table mislaid rename to answers')
    }

    // The controller alone is hit: it may read answers, and keep none.
    await stage.database.query('alter table answers add constraint full_up check (false) not valid')
    const { rid } = await stage.process('sum2', { first: 8, second: 8 })
    await become({ api: 'active', sum2: 'error' })
    expect((await stage.requests())[rid]).toMatchObject({ state: expect.stringMatching(/waiting|active/) })
    await stage.database.query('alter table answers drop constraint full_up')
    expect(await stage.becomes(rid, 'completed')).toMatchObject({ result: 16 })
    await become({ sum2: 'active' })
  },
)
