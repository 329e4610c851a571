import assert from 'node:assert/strict'
import { handle, ShutdownError } from '@jobport/core'
import { rule, type Case } from '../suite/case.ts'
import { aborted, company, double, doubles, gate, waits } from '../stage/company.ts'

export const closing: readonly Case[] = [
  rule('B3.3', 'a paused worker starts nothing and leaves the jobs to others', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const paused = await hire([doubles])
    const { started } = seen(paused)
    paused.pause()
    await queue.enqueue(double, 1)
    const { completed } = seen(await hire([doubles]))
    await stage.time.eventually(() => completed.length === 1, 'the completion by another worker')
    assert.deepEqual(started, [])
  }),

  rule('B3.4', 'a paused worker goes on when it is resumed', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const paused = await hire([doubles])
    const { completed } = seen(paused)
    paused.pause()
    await queue.enqueue(double, 1)
    await stage.time.pass(stage.time.unit)
    assert.deepEqual(completed, [])
    paused.resume()
    await stage.time.eventually(() => completed.length === 1, 'a completion after resume')
  }),

  rule('B3.5', 'closing gracefully lets handlers finish, and stores their outcome', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    let signalled = false
    const closing = await hire([
      handle(waits, async (_, { signal }) => {
        await opened
        signalled = signal.aborted
      }),
    ])
    const { id } = await queue.enqueue(waits, 1)
    await stage.time.eventually(() => closing.running === 1, 'a running handler')
    const closed = closing.close({ grace: 60_000 })
    open()
    await stage.time.until(closed, 'closing gracefully')
    assert.deepEqual([signalled, await stage.state(id)], [false, 'completed'])
  }),

  rule('B3.6', 'closing gives back at once what was not started, and it costs no failure', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const { opened, open } = gate()
    const closing = await hire([handle(waits, () => opened)], { concurrency: 1, claimAhead: 10 })
    await queue.enqueueMany(
      waits,
      Array.from({ length: 8 }, (_, input) => ({ input })),
    )
    await stage.time.eventually(() => closing.running === 1, 'a running handler')
    const closed = closing.close({ grace: 60_000 })
    await stage.time.eventually(
      async () => (await queue.inspect.counts('work')).waiting === 7,
      'the return of what was not started',
    )
    open()
    await stage.time.until(closed, 'closing gracefully')
    const { waiting, active, completed, dead } = await queue.inspect.counts('work')
    assert.deepEqual({ waiting, active, completed, dead }, { waiting: 7, active: 0, completed: 1, dead: 0 })
    for (const held of await stage.take(7)) assert.deepEqual([held.failures, held.crashes], [0, 0])
  }),

  rule(
    'B3.7',
    'closing without grace aborts the handlers, and their jobs go back unharmed',
    ['state'],
    async (stage) => {
      const { queue, hire } = company(stage)
      let reason: unknown
      const closing = await hire([
        handle(waits, async (_, { signal }) => {
          await aborted(signal)
          reason = signal.reason
          throw reason
        }),
      ])
      const { id } = await queue.enqueue(waits, 1)
      await stage.time.eventually(() => closing.running === 1, 'a running handler')
      await stage.time.until(closing.close({ grace: 0 }), 'closing at once')
      assert.ok(reason instanceof ShutdownError, `the signal aborted with ${String(reason)}`)
      const { state, failures, crashes } = await stage.record(id)
      assert.deepEqual([state, failures, crashes], ['waiting', 0, 0])
    },
  ),

  rule('B3.8', 'closing comes to an end although a handler ignores its signal', async (stage) => {
    const { queue, hire } = company(stage)
    const closing = await hire([handle(waits, () => new Promise(() => {}))])
    await queue.enqueue(waits, 1)
    await stage.time.eventually(() => closing.running === 1, 'a running handler')
    await stage.time.until(closing.close({ grace: 0 }), 'closing with a stubborn handler', 60_000)
    assert.equal((await stage.takeOne()).failures, 0)
  }),

  rule('B3.9', 'closing again hastens, and closing an idle or unused worker is quick', async (stage) => {
    const { queue, hire } = company(stage)
    const idle = await hire([doubles])
    await stage.time.until(Promise.all([idle.close(), idle.close()]), 'closing an idle worker')
    const stubborn = await hire([handle(waits, async (_, { signal }) => aborted(signal))])
    await queue.enqueue(waits, 1)
    await stage.time.eventually(() => stubborn.running === 1, 'a running handler')
    const closed = stubborn.close({ grace: 3_600_000 })
    void stubborn.close({ grace: 0 })
    await stage.time.until(closed, 'closing in haste', 60_000)
  }),
]
