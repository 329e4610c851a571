import { afterAll, expect, it } from 'vitest'
import { PATIENT, Stage } from './stage.ts'

const stage = new Stage()
afterAll(() => stage[Symbol.asyncDispose]())

it(
  'what was computed once is answered at once, without a message; what failed is not',
  { timeout: PATIENT },
  async () => {
    await stage.start('api')
    const controller = await stage.start('controller')
    const sum = await stage.process('sum2', { first: 1, second: 2 }, 'ada')
    const song = await stage.process('surprise', { first: 1 }, 'ada')
    const failed = await stage.process('mult3', { first: 1e200, second: 1e200, third: 1 }, 'ada')
    await Promise.all([
      stage.becomes(sum.rid, 'completed', 'ada'),
      stage.becomes(song.rid, 'completed', 'ada'),
      stage.becomes(failed.rid, 'failed', 'ada'),
    ])

    // From here on nobody takes a message away.
    await controller.stop()
    expect(await stage.messages()).toBe(0)
    const again = await stage.ask('POST', '/process', {
      task: 'sum2',
      client_name: 'bob',
      params: { second: 2.0, first: 1 },
    })
    expect(again).toEqual({ status: 200, body: { cached: true, rid: expect.any(String), success: true } })
    expect(again.body.rid).not.toBe(sum.rid)
    expect(await stage.process('surprise', { first: 1 }, 'bob')).toMatchObject({ cached: true })
    expect(await stage.messages()).toBe(0)
    expect(Object.values(await stage.requests('bob'))).toMatchObject([
      { task: 'sum2', cached: true, state: 'completed', result: 3 },
      { task: 'surprise', cached: true, state: 'completed', result: { melody: expect.stringContaining('▅') } },
    ])

    const other = await stage.process('sum2', { first: 2, second: 1 }, 'bob')
    expect(other).toEqual({ success: true, rid: expect.any(String) })
    expect(await stage.messages()).toBe(1)
    const failedAgain = await stage.process('mult3', { first: 1e200, second: 1e200, third: 1 }, 'bob')
    expect(failedAgain.cached).toBeUndefined()
    expect(await stage.messages()).toBe(2)
    expect((await stage.requests('bob'))[other.rid]).toMatchObject({ state: 'waiting' })

    // The same question, asked before it is answered, is answered for all who asked.
    const { rid } = await stage.process('sum2', { first: 2, second: 1 }, 'cleo')
    await stage.start('controller')
    expect(await stage.becomes(rid, 'completed', 'cleo')).toMatchObject({ cached: false, result: 3 })
    expect(await stage.becomes(other.rid, 'completed', 'bob')).toMatchObject({ result: 3 })
    const { rows } = await stage.database.query(`select count(*)::int as answers from answers where task = 'sum2'`)
    expect(rows).toEqual([{ answers: 2 }])
  },
)
