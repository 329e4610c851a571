import { createQueue, createWorker, defineJob, handle, memoryStore, type, withStore } from '@jobport/core'
import { expect, onTestFinished, test } from 'vitest'
import type { SqsBackend, SqsBackendOptions } from '../src/index.ts'
import { refusal, times, type Fault, type Reply, type Request } from './fault-layer.ts'
import { QUEUE, stage, type Stage } from './stage.ts'

const square = defineJob('square', { queue: QUEUE, input: type<number>(), output: type<number>() })

interface Company extends Stage {
  readonly queue: ReturnType<typeof newQueue>
  /** How often each job has run, by its input. */
  readonly runs: Map<number, number>
  readonly warned: string[]
  work(): Promise<void>
}

const newQueue = (backend: ReturnType<typeof joined>) => createQueue(backend)
const joined = ({ backend }: Stage, warn: (message: string) => void) =>
  withStore(backend as unknown as SqsBackend<false>, memoryStore(), { relayEvery: 100, grace: '1s', warn })

/** A queue on standard queues with a store beside them, and a worker when it is asked for. */
async function company(options: SqsBackendOptions = {}): Promise<Company> {
  const set = await stage({ attempts: 2, ...options })
  const warned: string[] = []
  const backend = joined(set, (message) => warned.push(message))
  await backend.open()
  const queue = newQueue(backend)
  onTestFinished(async () => {
    set.layer.fault = (_, pass) => pass()
    await queue.close()
    await backend.close()
  })
  const runs = new Map<number, number>()
  const work = async (): Promise<void> => {
    const worker = createWorker(
      backend,
      [
        handle(square, (n) => {
          runs.set(n, (runs.get(n) ?? 0) + 1)
          return n * n
        }),
      ],
      { concurrency: 20, lease: '2s' },
    )
    worker.on('error', () => {})
    await worker.start()
    onTestFinished(() => worker.close())
  }
  return { ...set, queue, runs, warned, work }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
const once = (count: number): [number, number][] => numbers(count).map((n) => [n, 1])
const sorted = (runs: ReadonlyMap<number, number>): [number, number][] => [...runs].toSorted(([a], [b]) => a - b)

/** A message for each: those that are enqueued together share one otherwise. */
async function enqueueEach({ queue }: Company, count: number) {
  const tickets = []
  for (const n of numbers(count)) tickets.push(await queue.enqueue(square, n))
  return tickets
}

const results = (tickets: Awaited<ReturnType<typeof enqueueEach>>): Promise<number[]> =>
  Promise.all(tickets.map((ticket) => ticket.result({ timeout: '40s' })))

/** SQS may deliver a message twice: each answer has all of its messages once more, under other handles. */
const twice: Fault = async ({ action }, pass) => {
  const reply = await pass()
  if (action !== 'ReceiveMessage' || reply.body.Messages === undefined) return reply
  const copies = reply.body.Messages.map((message: any) => ({ ...message, ReceiptHandle: `${message.ReceiptHandle}+` }))
  return { ...reply, body: { Messages: [...reply.body.Messages, ...copies] } }
}

test('a message that is delivered twice is one run', async () => {
  const set = await company()
  const tickets = await enqueueEach(set, 10)
  set.layer.fault = twice
  await set.work()
  expect(await results(tickets)).toEqual(numbers(10).map((n) => n * n))
  expect(sorted(set.runs)).toEqual(once(10))
})

test('a message that cannot be removed comes again and runs nothing', async () => {
  const set = await company()
  const tickets = await enqueueEach(set, 3)
  let kept = 0
  set.layer.fault = times(4, 'DeleteMessageBatch', async () => (kept++, refusal(500, 'InternalError')))
  await set.work()
  await results(tickets)
  // Each of the three has to be removed in the end.
  await expect.poll(() => removed(set.layer.requests)).toBeGreaterThanOrEqual(3 + kept)
  expect(sorted(set.runs)).toEqual(once(3))
})

function removed(requests: readonly Request[]): number {
  return requests.filter(({ action }) => action === 'DeleteMessageBatch').flatMap(({ input }) => input.Entries).length
}

test('a job that SQS does not take now is stored, and sent later; one that it never takes is refused and leaves nothing', async () => {
  const set = await company()
  await set.work()
  set.layer.fault = times(2, 'SendMessageBatch', async () => refusal(400, 'RequestThrottled'))
  const ticket = await set.queue.enqueue(square, 7)
  expect(await ticket.result({ timeout: '40s' })).toBe(49)
  set.layer.fault = times(1, 'SendMessageBatch', async ({ input }) => ({
    status: 200,
    body: { Failed: input.Entries.map(({ Id }: any) => ({ Id, Code: 'InvalidMessageContents', SenderFault: true })) },
  }))
  await expect(set.queue.enqueue(square, 8, { id: 'never' })).rejects.toMatchObject({ code: 'invalid' })
  expect(await set.queue.inspect.find(['never'])).toEqual([undefined])
  expect(sorted(set.runs)).toEqual([[7, 1]])
})

/** The same faults in the same order each time. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * sides)
  }
}

/** Of six requests, one goes well. */
function mischief(seed: number): Fault {
  const roll = dice(seed)
  let withheld: Reply['body'][] = []
  return async (request, pass) => {
    const { action, input } = request
    switch (roll(6)) {
      case 0:
        return refusal(400, 'RequestThrottled')
      case 1:
        return refusal(503, 'ServiceUnavailable')
      case 2: {
        await pass()
        throw new Error('the reply is lost')
      }
      case 3: {
        if (action === 'ReceiveMessage') return twice(request, pass)
        if (!Array.isArray(input.Entries)) return pass()
        const [{ Id }, ...Entries] = input.Entries
        const reply =
          Entries.length === 0 ? { status: 200, body: { Successful: [] } } : await pass({ ...input, Entries })
        return { ...reply, body: { ...reply.body, Failed: [{ Id, Code: 'InternalError', Message: 'no' }] } }
      }
      case 4: {
        if (action !== 'ReceiveMessage') return pass()
        // Whoever came first is handed out after those who came later, and those in reverse.
        const { status, body } = await pass()
        const [late, ...sooner] = [...withheld, ...(body.Messages ?? [])]
        withheld = late === undefined ? [] : [late]
        return { status, body: sooner.length === 0 ? {} : { Messages: sooner.toReversed() } }
      }
      default:
        return pass()
    }
  }
}

test.each([1, 2, 3])(
  'throttling, 5xx, lost replies, partial failures, duplicates and disorder together cost no job and double none (%i)',
  async (seed) => {
    const set = await company({ callTimeout: '2s' })
    const tickets = enqueueEach(set, 30)
    await set.work()
    set.layer.fault = mischief(seed)
    expect(await results(await tickets)).toEqual(numbers(30).map((n) => n * n))
    expect(sorted(set.runs)).toEqual(once(30))
    expect(await set.queue.inspect.counts(QUEUE)).toMatchObject({ waiting: 0, active: 0, completed: 30, dead: 0 })
  },
)
