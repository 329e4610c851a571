import { it } from 'vitest'
import { message, post, stage } from './stage.ts'

const WAIT = { timeout: 60_000, interval: 50 }
/** Programs take their time to start on a busy machine. */
const PATIENT = { timeout: 120_000 }
const metric = async (url: string, name: string): Promise<string> =>
  (await (await fetch(`${url}/metrics`)).text()).split('\n').find((line) => line.startsWith(name)) ?? ''

it.concurrent(
  'brings one message and many from callers to their effects, and says what it refuses',
  PATIENT,
  async ({ expect, onTestFinished }) => {
    const { writer, processor, effects } = stage({}, onTestFinished)
    const [{ url }] = await Promise.all([writer(), processor()])

    const one = await post(`${url}/messages`, message, { 'x-request-id': 'request-1' })
    expect([one.status, one.headers.get('x-request-id')]).toEqual([202, 'request-1'])
    await expect.poll(effects, WAIT).toEqual([{ id: one.body.id, requestId: 'request-1', ...message }])

    const messages = Array.from({ length: 25 }, (_, index) => ({ ...message, text: `no. ${index}` }))
    const many = await post(`${url}/messages/bulk`, { messages: messages.with(3, { topic: 'A!', text: '' }) })
    expect(many).toMatchObject({ status: 207, body: { accepted: 24, refused: 1 } })
    expect(many.body.messages[3]).toMatchObject({ status: 'refused', code: 'invalid', field: 'body.messages.3.topic' })
    await expect.poll(() => effects().length, WAIT).toBe(25)
    expect(await metric(url, 'messages_written_total{outcome="accepted"}')).toMatch(/ 25$/)
  },
)

it.concurrent(
  'makes one effect of a call that is repeated, also by two writers',
  PATIENT,
  async ({ expect, onTestFinished }) => {
    const { writer, processor, effects } = stage({}, onTestFinished)
    const [first, second, worker] = await Promise.all([writer(), writer(), processor()])
    const headers = { 'idempotency-key': 'c0ffee00-0001' }
    const one = await post(`${first.url}/messages`, message, headers)
    const again = await post(`${first.url}/messages`, message, headers)
    expect([again.status, again.body]).toEqual([202, one.body])
    await expect.poll(effects, WAIT).toHaveLength(1)

    // The second writer knows nothing of the first: the message is there twice, under the same id.
    expect((await post(`${second.url}/messages`, message, headers)).body).toEqual(one.body)
    await worker.says(/"msg":"the effect was there already"/)
    expect(effects()).toHaveLength(1)
  },
)

it.concurrent(
  'sends poison to the dead-letter queue with its error, whence it is redriven when the cause is mended',
  PATIENT,
  async ({ expect, onTestFinished }) => {
    const { writer, processor, redrive, deadLetters, sendRaw, effects } = stage({ RETRIES: '1' }, onTestFinished)
    const [{ url }, failing] = await Promise.all([writer(), processor({ WORK_FAILS_FOR: 'billing.overdue' })])
    const { body } = await post(
      `${url}/messages`,
      { topic: 'billing.overdue', text: 'a' },
      { 'x-request-id': 'request-1' },
    )
    await sendRaw('<xml>by another program</xml>')
    await sendRaw('{"jobport":{"v":1,"id":"wrong","name":"message"},\n"payload":{"topic":"A!"}}')
    await sendRaw('{"jobport":{"v":1,"id":"strange","name":"mail"},\n"payload":{}}')

    await expect.poll(async () => (await deadLetters()).length, WAIT).toBe(4)
    const listed: any[] = (await redrive('--dry-run', '--json')).map((line) => JSON.parse(line))
    expect(listed.find(({ id }) => id === body.id)).toMatchObject({ topic: 'billing.overdue', requestId: 'request-1' })
    const errors = Object.fromEntries(listed.map(({ id, error }) => [id, error]))
    expect(errors).toMatchObject({
      [body.id]: 'Error: there is no way to process billing.overdue',
      wrong: expect.stringContaining('InvalidValueError: input of job message: topic: must be words'),
      strange: expect.stringContaining('UnknownJobError'),
    })
    expect(Object.values(errors).join('\n')).toContain('UnreadableMessageError: it was not sent by jobport')

    failing.kill('SIGTERM')
    expect(await failing.ended).toBe(0)
    await processor()
    expect((await redrive()).at(-1)).toBe('4 sent back to work')
    await expect.poll(effects, WAIT).toMatchObject([{ id: body.id, topic: 'billing.overdue' }])
    await expect.poll(async () => (await deadLetters()).length, WAIT).toBe(3)
  },
)
