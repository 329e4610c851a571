import { expect, it } from 'vitest'
import { createQueue, createWorker, defineJob, handle, memoryBackend, type, type Failure } from '../index.ts'

interface Payment {
  readonly card: { readonly number: string; readonly cvc: number }
  readonly users: readonly { readonly password: string }[]
  readonly amount: number
}

const pay = defineJob('test.pay', {
  input: type<Payment>(),
  output: type<{ echo: unknown }>(),
  retry: { retries: 0 },
  secret: ['card.number', 'card.cvc', 'users.*.password'],
  notify: [{ on: 'finished', to: { role: 'admins' }, input: true }],
})
const payment = { card: { number: '4242 "4242"', cvc: 737 }, users: [{ password: 'hunter2/x' }], amount: 12 }
const SECRET = /4242|737|hunter2/

it('what a definition calls secret stays out of stored errors, events and notifications, in whatever form it is thrown', async () => {
  const { number, cvc } = payment.card
  const { failure, stored, notified } = await run(() => {
    throw new Error(`card ${number} (${cvc}) of https://pay.example/?p=${encodeURIComponent('hunter2/x')}`, {
      cause: new Error(`sent ${JSON.stringify(payment)}`),
    })
  })
  expect(failure!.error).toBeInstanceOf(Error)
  expect(failure!.described.message).toBe('card *** (***) of https://pay.example/?p=***')
  expect(JSON.stringify([failure!.described, stored, notified])).not.toMatch(SECRET)
})

it('a result that repeats a secret is notified without it, and read whole', async () => {
  const { result, notified } = await run((input) => ({ echo: [input.card.number, input.card.cvc, input.amount] }))
  expect(result).toEqual({ echo: [payment.card.number, 737, 12] })
  expect(notified[0]).toMatchObject({ result: { echo: ['***', '***', 12] } })
  expect(JSON.stringify(notified)).not.toMatch(SECRET)
})

it('a schema that quotes what it refuses does not quote a secret', async () => {
  const refuses = defineJob('test.refuses', {
    input: {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => ({ issues: [{ message: `got ${JSON.stringify(value)}` }] }),
      },
    },
    secret: ['token'],
  })
  const enqueued = createQueue(memoryBackend()).enqueue(refuses, { token: 'tok-123', city: 'Rome' })
  await expect(enqueued).rejects.toThrow('got {"token":"***","city":"Rome"}')
})

it('refuses a path that leads nowhere', () => {
  expect(() => defineJob('test.path', { input: type<object>(), secret: ['card..number'] })).toThrow('secret')
})

async function run(handler: (input: Payment) => { echo: unknown }) {
  const backend = memoryBackend()
  await using queue = createQueue(backend)
  await using worker = createWorker(backend, [handle(pay, handler)])
  let failure: Failure | undefined
  worker.on('failed', (_, told) => (failure = told))
  await worker.start()
  const ticket = await queue.enqueue(pay, payment)
  const result = await ticket.result().catch(() => undefined)
  const stored = (await ticket.record())!.errors
  const { jobs } = await backend.inspect.list({ queue: 'jobport.notifications', state: 'waiting', limit: 10 })
  return { failure, result, stored, notified: jobs.map(({ payload }) => JSON.parse(payload) as unknown) }
}
