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
      const { writer, processor, effects } = stage({ WORK_MS: '200' }, onTestFinished)
      // Two at a time of 0.2 s each: there is always something in the middle, and for seconds there is more to do.
      const [{ url }, victim] = await Promise.all([writer(), processor({ TARGET_RATE: '5' })])
      expect((await post(`${url}/messages/bulk`, bulk(100))).status).toBe(202)
      await expect.poll(() => effects().length, WAIT).toBeGreaterThan(8)
      victim.kill('SIGKILL')
      expect(await victim.ended).toBe('SIGKILL')
      expect(effects().length).toBeLessThan(100)
      await processor({ TARGET_RATE: '50' })
      await expect.poll(() => effects().length, WAIT).toBe(100)
    },
  )

  it(
    'that is asked to stop finishes what it works on and gives back the rest, and nothing is done twice',
    PATIENT,
    async ({ expect, onTestFinished }) => {
      const { writer, processor, effects } = stage({ WORK_MS: '2000', TARGET_RATE: '8' }, onTestFinished)
      const [{ url }, first] = await Promise.all([writer(), processor()])
      expect((await post(`${url}/messages/bulk`, bulk(100))).status).toBe(202)
      await expect.poll(() => effects().length, WAIT).toBeGreaterThan(2)
      first.kill('SIGTERM')
      const began = performance.now()
      expect(await first.ended).toBe(0)
      expect(effects().length).toBeLessThan(100)
      const second = await processor()
      await expect.poll(() => effects().length, WAIT).toBe(100)
      // Before a lease would have ended (67 s).
      expect(performance.now() - began).toBeLessThan(55_000)
      expect(second.output()).not.toContain('the effect was there already')
    },
  )

  it(
    'dies of a message a few times, until SQS takes it away; the others are done',
    PATIENT,
    async ({ expect, onTestFinished }) => {
      const { writer, processor, effects, deadLetters } = stage({ RETRIES: '0', MAX_RECEIVES: '2' }, onTestFinished)
      const { url } = await writer()
      const crash = await post(`${url}/messages`, { topic: 'crash', text: 'a' })
      for (let crashes = 0; crashes < 2; crashes++) {
        const victim = await processor({}, 'test/child/crashing-processor.ts').catch((error: unknown) => error)
        if (!(victim instanceof Error)) expect(await (victim as { ended: Promise<unknown> }).ended).toBe('SIGKILL')
      }
      await processor({}, 'test/child/crashing-processor.ts')
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
