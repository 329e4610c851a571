import { BackendError, type Enqueued, type NewJob } from '@jobport/core/adapter'
import { expect, it } from 'vitest'
import { Intake } from './intake.ts'
import { LIMITS } from './limits.ts'

let ids = 0

function jobs(count = 1): NewJob[] {
  return Array.from({ length: count }, () => ({ id: `${ids++}`, queue: 'q', name: 'n', payload: '1', headers: {} }))
}

/** As a server answers that knows each job already, so that the answers differ. */
function known(jobs: readonly NewJob[]): Enqueued[] {
  return jobs.map(({ id }) => ({ status: 'duplicate', of: id }))
}

/** A server that answers when it is told to. */
class SlowServer {
  readonly sent: (readonly NewJob[])[] = []
  readonly intake: Intake
  /** What has to be learnt before the next jobs. */
  learning: Promise<void> | undefined
  readonly #waiting: { answer(): void; fail(error: Error): void }[] = []

  constructor(inFlight: number) {
    this.intake = new Intake({
      learn: () => {
        const { learning } = this
        this.learning = undefined
        return learning
      },
      send: (jobs) => {
        this.sent.push(jobs)
        return new Promise((resolve, reject) =>
          this.#waiting.push({ answer: () => resolve(known(jobs)), fail: reject }),
        )
      },
      inFlight,
    })
  }

  /** To the first batch that waits for an answer. */
  async answer(): Promise<void> {
    this.#waiting.shift()!.answer()
    await turn()
  }

  async fail(error: Error): Promise<void> {
    this.#waiting.shift()!.fail(error)
    await turn()
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

it('sends together what comes while others are on their way, and gives each call its own answers', async () => {
  const server = new SlowServer(1)
  const given = [jobs(1), jobs(2), jobs(3)] as const
  const answers = Promise.all(given.map((each) => server.intake.enqueue(each)))
  await server.answer()
  expect(server.sent).toEqual([given[0], [...given[1], ...given[2]]])
  await server.answer()
  expect(await answers).toEqual(given.map(known))
})

it('sends no more at once than the server takes, and calls in their order', async () => {
  const server = new SlowServer(1)
  const given = [jobs(), jobs(LIMITS.enqueueBatch - 1), jobs(1), jobs(1)] as const
  const all = Promise.all(given.map((each) => server.intake.enqueue(each)))
  for (let batch = 0; batch < 3; batch++) await server.answer()
  expect(server.sent).toEqual([given[0], [...given[1], ...given[2]], given[3]])
  await all
})

it('has as many batches on their way as arrive in their order', async () => {
  const server = new SlowServer(2)
  const given = [jobs(), jobs(), jobs()]
  const all = Promise.all(given.map((each) => server.intake.enqueue(each)))
  expect(server.sent).toEqual(given.slice(0, 2))
  for (let batch = 0; batch < 3; batch++) await server.answer()
  expect(server.sent).toEqual(given)
  await all
})

it('sends each call alone when the batch is refused, so that what is wrong with one is not the trouble of another', async () => {
  const server = new SlowServer(1)
  const given = [jobs(), jobs(), jobs()] as const
  const [, wrong, good] = given.map((each) => server.intake.enqueue(each))
  const refused = new BackendError('invalid', 'postgres', 'no')
  const problem = wrong!.catch((error: unknown) => error)
  await server.answer()
  await server.fail(refused)
  await server.fail(refused)
  expect(await problem).toBe(refused)
  await server.answer()
  expect(await good).toEqual(known(given[2]))
})

it('tells all of a failure that may pass, and sends nothing again: nobody knows what was stored', async () => {
  const server = new SlowServer(1)
  const [, ...rest] = [jobs(), jobs(), jobs()].map((each) => server.intake.enqueue(each))
  const lost = new BackendError('unavailable', 'postgres', 'away')
  const problems = Promise.allSettled(rest)
  await server.answer()
  await server.fail(lost)
  expect(await problems).toEqual(rest.map(() => ({ status: 'rejected', reason: lost })))
  expect(server.sent).toHaveLength(2)
})

it('lets nothing overtake jobs about which something has to be learnt, nor wait for their answer', async () => {
  const server = new SlowServer(2)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.learning = promise
  const given = [jobs(), jobs()]
  const all = Promise.all(given.map((each) => server.intake.enqueue(each)))
  await turn()
  expect(server.sent).toEqual([])
  resolve()
  await turn()
  expect(server.sent).toEqual(given)
  await server.answer()
  await server.answer()
  await all
})

it('is idle when all that was given to it has been answered', async () => {
  const server = new SlowServer(1)
  const all = Promise.all([jobs(), jobs()].map((each) => server.intake.enqueue(each)))
  let isIdle = false
  const idle = server.intake.idle().then(() => (isIdle = true))
  await server.answer()
  expect(isIdle).toBe(false)
  await server.answer()
  await idle
  await all
})
