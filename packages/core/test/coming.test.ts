import { BackendError, createQueue, createWorker, defineJob, handle, memoryBackend, type } from '@jobport/core'
import type { ClaimedJob, ClaimRequest } from '@jobport/core/adapter'
import { VirtualClock } from '@jobport/core/testing'
import { expect, it } from 'vitest'
import { replaced } from './backends.ts'

const job = defineJob('job', { queue: 'work', input: type<unknown>() })
const unavailable = new BackendError('unavailable', 'memory', 'away')

/** A claim that the worker has made, and that the test answers. */
interface Asked {
  readonly limit: number
  readonly waits: boolean
  /** Tells of so many jobs on their way. */
  comes(jobs: number): void
  /** Resolves when the worker has had its turn. */
  bring(jobs: number): Promise<void>
  fail(error: Error): Promise<void>
}

interface StageOptions {
  readonly concurrency?: number
  /** What becomes of claims that are given up. */
  readonly onAbort?: 'nothing' | 'wait' | Error
}

/** A worker whose claims are answered by hand, and whose handlers run until they are let go. */
async function stage({ concurrency = 3, onAbort = 'nothing' }: StageOptions = {}) {
  const clock = new VirtualClock()
  const memory = memoryBackend({ clock })
  await memory.open()
  const asked: Asked[] = []
  const turn = (): Promise<void> => clock.advance(0)
  const ask = (request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> =>
    new Promise((resolve, reject) => {
      const { queue, limit, wait } = request
      signal.addEventListener('abort', () => {
        if (onAbort === 'nothing') resolve([])
        else if (onAbort !== 'wait') reject(onAbort)
      })
      asked.push({
        limit,
        waits: wait > 0,
        comes: (jobs) => request.onComing!(jobs),
        async bring(jobs) {
          const given = Array.from({ length: jobs }, () => ({ input: {} }))
          await createQueue(memory, { runtime: { clock } }).enqueueMany(job, given)
          resolve(await memory.claim({ queue, limit: jobs, lease: 60_000, wait: 0 }, new AbortController().signal))
          await turn()
        },
        fail(error) {
          reject(error)
          return turn()
        },
      })
    })
  const backend = replaced(memory, () => ({
    claim: ask,
    exchange: async (settlements, request) => {
      const settled = memory.settle(settlements)
      const claimed = await ask({ ...request, wait: 0 }, new AbortController().signal)
      return { settled: await settled, claimed }
    },
  }))
  const running: (() => void)[] = []
  const work = handle(job, () => new Promise<void>((resolve) => running.push(resolve)))
  const worker = createWorker(backend, [work], { concurrency, claimAhead: 0, runtime: { clock } })
  const errors: unknown[] = []
  worker.on('error', (error) => errors.push(error))
  await worker.start()
  await turn()
  /** The claims that were made since this was asked last. */
  const next = async (): Promise<Asked[]> => {
    await turn()
    return asked.splice(0)
  }
  const waiting = async (): Promise<Asked> => {
    for (;;) {
      const claims = await next()
      expect(claims).toHaveLength(1)
      if (claims[0]!.waits) return claims[0]!
      await claims[0]!.bring(0)
    }
  }
  const end = async (): Promise<void> => {
    running.shift()!()
    await turn()
  }
  return { clock, memory, worker, errors, running, next, waiting, end, turn }
}

it('jobs on their way have their places: another claim that waits asks for the rest', async () => {
  const { waiting, next } = await stage()
  const first = await waiting()
  expect(first.limit).toBe(3)
  expect(await next()).toEqual([])
  first.comes(2)
  const second = await waiting()
  expect(second.limit).toBe(1)
  second.comes(1)
  expect(await next()).toEqual([])
})

it('what was on its way and does not come leaves its places', async () => {
  const { waiting, next, running } = await stage()
  const first = await waiting()
  first.comes(3)
  await first.bring(1)
  const second = await waiting()
  expect(second.limit).toBe(2)
  second.comes(2)
  await second.bring(0)
  expect((await waiting()).limit).toBe(2)
  expect(await next()).toEqual([])
  expect(running).toHaveLength(1)
})

it('a claim that fails after it told of jobs leaves their places, and the queue rests', async () => {
  const { clock, waiting, next, errors } = await stage()
  const first = await waiting()
  first.comes(3)
  await first.fail(unavailable)
  expect(errors).toEqual([unavailable])
  expect(await next()).toEqual([])
  await clock.advance(50)
  expect((await waiting()).limit).toBe(3)
})

it('a claim that brings less than it might is followed by one that waits', async () => {
  const { waiting, next } = await stage()
  await (await waiting()).bring(2)
  expect(await next()).toMatchObject([{ limit: 1, waits: true }])
})

it.each([
  ['told of them', 1],
  ['did not tell of them', 0],
])('a claim that brings all it may and %s is followed by one that does not wait', async (_, told) => {
  const { waiting, next, end } = await stage({ concurrency: 1 })
  for (let round = 0; round < 3; round++) {
    const claim = await waiting()
    if (told > 0) claim.comes(told)
    await claim.bring(1)
    expect(await next()).toEqual([])
    await end()
  }
  expect(await next()).toMatchObject([{ limit: 1, waits: false }])
})

it('nothing is claimed beside a claim that waits, also when the one before it has brought all it may', async () => {
  const { waiting, next, running, end } = await stage({ concurrency: 2 })
  await (await waiting()).bring(1)
  const first = await waiting()
  expect(first.limit).toBe(1)
  await end()
  first.comes(1)
  expect((await waiting()).limit).toBe(1)
  await first.bring(1)
  expect(running).toHaveLength(1)
  expect(await next()).toEqual([])
})

it('is idle when nothing is on its way any more', async () => {
  const { worker, waiting } = await stage()
  const first = await waiting()
  expect(worker.isIdle).toBe(true)
  first.comes(1)
  await waiting()
  await first.bring(1)
  expect(worker.isIdle).toBe(false)
})

it('a worker that closes while jobs are on their way waits for them, and gives them back', async () => {
  const { memory, worker, waiting, running, turn } = await stage({ onAbort: 'wait' })
  const claim = await waiting()
  claim.comes(1)
  let isClosed = false
  const closed = worker.close().then(() => (isClosed = true))
  await turn()
  expect(isClosed).toBe(false)
  await claim.bring(1)
  await closed
  expect(running).toEqual([])
  expect(await memory.inspect.counts('work')).toMatchObject({ waiting: 1, active: 0 })
})

it('a claim that fails because it is given up is no trouble', async () => {
  const { worker, waiting, errors } = await stage({ onAbort: unavailable })
  await waiting()
  await worker.close()
  expect(errors).toEqual([])
})
