import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { commandsSent } from './harness.ts'
import { Stage, back, completed, job, numbered } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await new Stage('commands').set()
  // The server knows the queues and the scripts by now.
  await stage.enqueue('single')
  await stage.enqueue('plain', 'simple')
  await stage.enqueue('first', job('second', { priority: 1 }), job('other', { queue: 'other' }))
  const jobs = await stage.claim()
  await stage.backend.settle(jobs.map(({ lease }) => ({ ...completed(), lease, then: [job(`${lease.id}-`)] })))
  await stage.backend.operate.remove(jobs.map(({ lease }) => `${lease.id}-`))
  await stage.backend.inspect.find(['first'])
})
afterEach(() => stage.strike())

async function sentBy(call: () => Promise<unknown>): Promise<number> {
  const before = commandsSent()
  await call()
  return commandsSent() - before
}

it('a batch of jobs of one queue is one command, whatever jobs they are', async () => {
  const ids = numbered(100)
  expect(await sentBy(() => stage.enqueue(...ids))).toBe(1)
  const more = ids.map((id, index) =>
    job(`${id}-`, [{ priority: 1 }, { delay: 10 }, { group: id }, { unique: { key: id } }][index % 4]),
  )
  expect(await sentBy(() => stage.enqueue(...more))).toBe(1)
})

it('a large batch goes in some pieces, and is answered as one', async () => {
  const ids = numbered(1000)
  await stage.enqueue(ids[0]!, ids[400]!, ids[999]!)
  const answers: string[] = []
  expect(await sentBy(async () => void answers.push(...(await stage.enqueue(...ids))))).toBe(4)
  const known = answers.flatMap((status, index) => (status === 'duplicate' ? [index] : []))
  expect(known).toEqual([0, 400, 999])
})

it('a piece that overtakes another waits until that is stored', async () => {
  const send = vi.spyOn(Redis.prototype, 'sendCommand')
  send.mockImplementationOnce(() => Promise.reject(new Error('NOSCRIPT the first piece has to be sent again')))
  const ids = numbered(1000)
  expect(new Set(await stage.enqueue(...ids))).toEqual(new Set(['enqueued']))
  send.mockRestore()
  expect([...(await stage.claimed(500)), ...(await stage.claimed(500))]).toEqual(ids)
})

it('jobs of all pieces keep their order when they come back', async () => {
  const ids = numbered(500)
  await stage.enqueue(...ids)
  await stage.settle(await stage.claim({ limit: 500 }), back())
  expect(await stage.claimed(500)).toEqual(ids)
})

it('of a batch whose first piece fails nothing is stored', async () => {
  const send = vi.spyOn(Redis.prototype, 'sendCommand')
  send.mockImplementationOnce(() =>
    Promise.reject(Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' })),
  )
  await expect(stage.enqueue(...numbered(1000))).rejects.toMatchObject({ code: 'full' })
  send.mockRestore()
  expect(await stage.claimed(500)).toEqual([])
})

it('outcomes with jobs that follow, into this queue and another, are one command', async () => {
  const ids = numbered(100)
  await stage.enqueue(...ids)
  const jobs = await stage.claim()
  const settlements = jobs.map(({ lease }, index) => ({
    ...completed(1_000),
    lease,
    then: [job(`${lease.id}-`, { queue: index % 2 === 0 ? 'work' : 'other' })],
  }))
  expect(await sentBy(() => stage.backend.settle(settlements))).toBe(1)
})

it('what takes an id without a queue asks for the queues, and each of them once', async () => {
  const ids = numbered(100)
  await stage.enqueue(...ids)
  expect(await sentBy(() => stage.backend.inspect.find(ids))).toBe(1 + 2)
  // Then the one that knows them is told.
  expect(await sentBy(() => stage.backend.operate.remove(ids))).toBe(1 + 2 + 1)
})
