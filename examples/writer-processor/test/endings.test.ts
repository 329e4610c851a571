import { describe, expect, it } from 'vitest'
import { message, post, stage } from './stage.ts'

const WAIT = { timeout: 60_000, interval: 50 }
/** Programs take their time to start on a busy machine. */
const PATIENT = { timeout: 120_000 }
const bulk = (count: number) => ({
  messages: Array.from({ length: count }, (_, index) => ({ ...message, text: `no. ${index}` })),
})

describe.concurrent('a processor', () => {
  it(
    'that is killed in the middle loses nothing: what it had is done elsewhere after its lease',
    PATIENT,
    async ({ expect, onTestFinished }) => {
      // Two at a time of 50 ms each: there is always something in the middle.
      const { writer, processor, effects } = stage({ WORK_MS: '50', TARGET_RATE: '20' }, onTestFinished)
      const [{ url }, victim] = await Promise.all([writer(), processor()])
      expect((await post(`${url}/messages/bulk`, bulk(100))).status).toBe(202)
      await expect.poll(() => effects().length, WAIT).toBeGreaterThan(10)
      victim.kill('SIGKILL')
      expect(await victim.ended).toBe('SIGKILL')
      expect(effects().length).toBeLessThan(100)
      await processor()
      await expect.poll(() => effects().length, WAIT).toBe(100)
    },
  )

  it(
    'that is asked to stop finishes what it works on and gives back the rest, and nothing is done twice',
    PATIENT,
    async ({ expect, onTestFinished }) => {
      const { writer, processor, effects } = stage({ WORK_MS: '500', TARGET_RATE: '8' }, onTestFinished)
      const [{ url }, first] = await Promise.all([writer(), processor()])
      expect((await post(`${url}/messages/bulk`, bulk(30))).status).toBe(202)
      await expect.poll(() => effects().length, WAIT).toBeGreaterThan(2)
      first.kill('SIGTERM')
      expect(await first.ended).toBe(0)
      const done = effects().length
      expect(done).toBeLessThan(30)
      const began = Date.now()
      const second = await processor()
      await expect.poll(() => effects().length, WAIT).toBe(30)
      // Long before a lease would have ended (22 s).
      expect(Date.now() - began).toBeLessThan(20_000)
      expect(second.output()).not.toContain('the effect was there already')
    },
  )

  it(
    'that dies of a message dies of it as often as SQS hands it out, and the others are done',
    PATIENT,
    async ({ expect, onTestFinished }) => {
      const { writer, processor, effects, deadLetters } = stage({ RETRIES: '0', MAX_RECEIVES: '1' }, onTestFinished)
      const { url } = await writer()
      const crash = await post(`${url}/messages`, { topic: 'crash', text: 'a' })
      const file = 'test/child/crashing-processor.ts'
      // It may be gone before it can say that it has started.
      await processor({}, file).then(
        ({ ended }) => ended,
        () => 'gone',
      )
      await processor({}, file)
      await expect.poll(async () => (await deadLetters()).map(({ id }) => id), WAIT).toEqual([crash.body.id])
      expect((await deadLetters())[0]!.error).toContain('takes its processor down')
      await post(`${url}/messages`, message)
      await expect.poll(effects, WAIT).toMatchObject([message])
    },
  )
})

it('a writer that is asked to stop answers the calls that it has taken', PATIENT, async () => {
  const { writer } = stage()
  const { program, url } = await writer()
  const calls = Array.from({ length: 20 }, () => post(`${url}/messages/bulk`, bulk(50)))
  await Promise.race(calls)
  program.kill('SIGTERM')
  const answers = await Promise.allSettled(calls)
  expect(await program.ended).toBe(0)
  const statuses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.status : []))
  expect(statuses.length).toBeGreaterThan(0)
  expect(statuses.filter((status) => status !== 202 && status !== 503)).toEqual([])
  // What came too late was not taken at all: no answer is cut off in the middle.
  const failures = answers.flatMap((answer) => (answer.status === 'rejected' ? String(answer.reason) : []))
  expect(failures.filter((failure) => !failure.includes('fetch failed'))).toEqual([])
})
