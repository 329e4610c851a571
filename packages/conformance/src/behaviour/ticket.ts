import assert from 'node:assert/strict'
import { defineJob, handle, JobCancelledError, JobNotFoundError, ResultTimeoutError, type } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { rule, type Case } from '../suite/case.ts'
import { company, double, doubles, gate } from '../stage/company.ts'

export const tickets: readonly Case[] = [
  rule('B4.1', 'a ticket tells the state of its job from the enqueue to the end', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    const definition = defineJob('held', { queue: 'work', input: type<number>() })
    const ticket = await queue.enqueue(definition, 1)
    assert.equal(await ticket.status(), 'waiting')
    await hire([handle(definition, () => opened)])
    await stage.time.eventually(async () => (await ticket.status()) === 'active', 'the job being active')
    open()
    await stage.time.eventually(async () => (await ticket.status()) === 'completed', 'the job being completed')
    assert.equal(await queue.ticket(definition, 'unknown').status(), 'unknown')
  }),

  rule(
    'B4.2',
    'a result can be had before and after the job has finished, and by another process',
    ['results', 'two instances'],
    async (stage) => {
      const { queue, queueOn, hire } = company(stage)
      const elsewhere = queueOn((await stage.another()) as Backend)
      const ticket = await queue.enqueue(double, 4)
      const waiting = [ticket.result(), elsewhere.ticket(double, ticket.id).result()]
      await hire([doubles])
      assert.deepEqual(await stage.time.until(Promise.all(waiting), 'two results'), [8, 8])
      assert.equal(await stage.time.until(elsewhere.ticket(double, ticket.id).result(), 'a result again'), 8)
    },
  ),

  rule('B4.3', 'waiting for a result ends with its timeout, and with its signal', ['state'], async (stage) => {
    const { queue } = company(stage)
    const ticket = await queue.enqueue(double, 4)
    await assert.rejects(
      stage.time.until(ticket.result({ timeout: stage.time.unit }), 'the end of waiting'),
      ResultTimeoutError,
    )
    const abort = new AbortController()
    const waiting = ticket.result({ signal: abort.signal })
    abort.abort(new Error('enough'))
    await assert.rejects(stage.time.until(waiting, 'the end of waiting', 2 * stage.time.unit), /enough/)
    assert.equal(await ticket.status(), 'waiting', 'the job itself must go on')
  }),

  rule('B4.4', 'the result of a cancelled and of an unknown job says so', ['state'], async (stage) => {
    const { queue } = company(stage)
    const ticket = await queue.enqueue(double, 4)
    assert.equal(await ticket.cancel(), 'cancelled')
    await assert.rejects(stage.time.until(ticket.result(), 'a result'), JobCancelledError)
    await assert.rejects(stage.time.until(queue.ticket(double, 'unknown').result(), 'a result'), JobNotFoundError)
    await stage.nothing('a cancelled job can be claimed')
  }),

  rule('B4.5', "an id of one's own makes the enqueue idempotent", ['results'], async (stage) => {
    const { queue, hire } = company(stage)
    const first = await queue.enqueue(double, 4, { id: 'order-1' })
    const second = await queue.enqueue(double, 5, { id: 'order-1' })
    assert.deepEqual([first.duplicate, second.duplicate, second.id], [false, true, 'order-1'])
    await hire([doubles])
    assert.deepEqual(await stage.time.until(Promise.all([first.result(), second.result()]), 'two results'), [8, 8])
  }),

  rule(
    'B4.6',
    'a duplicate by unique key gives the ticket and the result of the first',
    ['unique', 'results'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const first = await queue.enqueue(double, 4, { unique: { key: 'user-1' } })
      const second = await queue.enqueue(double, 5, { unique: { key: 'user-1' } })
      assert.deepEqual([first.duplicate, second.duplicate, second.id], [false, true, first.id])
      await hire([doubles])
      assert.equal(await stage.time.until(second.result(), 'the result of a duplicate'), 8)
    },
  ),

  rule(
    'B4.7',
    'within its window the duplicate of a finished job gives its result too',
    ['unique', 'results'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const definition = defineJob('brief', {
        queue: 'work',
        input: type<number>(),
        output: type<number>(),
        keep: stage.time.unit,
      })
      await hire([handle(definition, (input) => input * 2)])
      const options = { unique: { key: 'user-1', within: 50 * stage.time.unit } }
      const first = await queue.enqueue(definition, 4, options)
      await stage.time.until(first.result(), 'a result')
      await stage.time.pass(2 * stage.time.unit)
      const second = await queue.enqueue(definition, 5, options)
      assert.deepEqual(
        [second.duplicate, await stage.time.until(second.result(), 'the result of a duplicate')],
        [true, 8],
      )
    },
  ),
]
