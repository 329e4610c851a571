import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { cancelled, completed, dead, failed, forged } from '../stage/settlements.ts'
import { ids, watched } from '../stage/words.ts'

export const watch = chapter('A16', 'watch', [
  rule(
    'A16.1',
    'a watcher is told of each finished job once, with queue and state',
    ['state'],
    async ({ givenMany, take, settle, backend, time }) => {
      const { finished } = await watched(backend)
      await givenMany(3)
      const [a, b, c] = (await take(3)) as [ClaimedJob, ClaimedJob, ClaimedJob]
      await settle(completed(a), dead(b), cancelled(c))
      await time.eventually(() => finished.length >= 3, 'the news of three finished jobs')
      await time.pass(time.unit)
      assert.deepEqual(
        finished.toSorted(byId),
        [
          { id: a.lease.id, queue: 'work', state: 'completed' },
          { id: b.lease.id, queue: 'work', state: 'dead' },
          { id: c.lease.id, queue: 'work', state: 'cancelled' },
        ].toSorted(byId),
      )
    },
  ),

  rule(
    'A16.2',
    'whichever instance settles',
    ['state', 'two instances'],
    async ({ active, another, backend, time }) => {
      const other = await another()
      const here = await watched(backend)
      const there = await watched(other)
      const [a, b] = [await active(), await active({ queue: 'other' })]
      await backend.settle([completed(a)])
      await other.settle([completed(b)])
      await time.eventually(
        () => here.finished.length >= 2 && there.finished.length >= 2,
        'the news of two jobs at two instances',
      )
      await time.pass(time.unit)
      for (const { finished } of [here, there])
        assert.deepEqual(
          ids(finished).toSorted(),
          [a.lease.id, b.lease.id].toSorted(),
          'each watcher is told once of each job',
        )
    },
  ),

  rule(
    'A16.3',
    'nothing that is not final, lost or a repeat is told',
    ['state'],
    async ({ active, backend, takeOne, settle, time }) => {
      const { finished } = await watched(backend)
      const held = await active()
      await settle(failed(held))
      const again = await takeOne()
      await backend.settle([completed(forged(again))])
      await settle(completed(again))
      await settle(completed(again))
      await time.eventually(() => finished.length > 0, 'the news of a finished job')
      await time.pass(time.unit)
      assert.deepEqual(finished, [{ id: held.lease.id, queue: 'work', state: 'completed' }])
    },
  ),

  rule(
    'A16.4',
    'a watcher is told of jobs whose record is dropped at once',
    ['state'],
    async ({ active, backend, settle, time }) => {
      const { finished } = await watched(backend)
      const held = await active()
      await settle(completed(held, { keep: 0 }))
      await time.eventually(() => finished.length > 0, 'the news of a job that was dropped')
      assert.deepEqual(finished, [{ id: held.lease.id, queue: 'work', state: 'completed' }])
    },
  ),

  rule('A16.5', 'a watcher is told of jobs that an operator cancels', ['state'], async ({ given, backend, time }) => {
    const { finished } = await watched(backend)
    const { id } = await given()
    await backend.operate.cancel([{ id, keep: 0 }])
    await time.eventually(() => finished.length > 0, 'the news of a cancelled job')
    assert.deepEqual(finished, [{ id, queue: 'work', state: 'cancelled' }])
  }),

  rule(
    'A16.6',
    'a job that is sent back to work is told again when it finishes again',
    ['state'],
    async ({ active, backend, settle, takeOne, time }) => {
      const { finished } = await watched(backend)
      const held = await active()
      await settle(dead(held))
      await backend.operate.retry([held.lease.id])
      await settle(completed(await takeOne()))
      await time.eventually(() => finished.length >= 2, 'the news of both ends')
      await time.pass(time.unit)
      assert.deepEqual(
        finished.map(({ state }) => state),
        ['dead', 'completed'],
      )
    },
  ),

  rule(
    'A16.7',
    'what finished before the watch began is not told',
    ['state'],
    async ({ active, backend, settle, time }) => {
      await settle(completed(await active()))
      const { finished } = await watched(backend)
      const later = await active()
      await settle(completed(later))
      await time.eventually(() => finished.length > 0, 'the news of a finished job')
      await time.pass(time.unit)
      assert.deepEqual(ids(finished), [later.lease.id])
    },
  ),

  rule(
    'A16.8',
    'a watcher that stopped hears nothing more, and stopping twice is harmless',
    ['state'],
    async ({ active, backend, settle, time }) => {
      const gone = await watched(backend)
      const here = await watched(backend)
      await gone.stop()
      await gone.stop()
      await settle(completed(await active()))
      await time.eventually(() => here.finished.length > 0, 'the news for the watcher that stayed')
      await time.pass(time.unit)
      assert.deepEqual(gone.finished, [])
    },
  ),

  rule(
    'A16.9',
    'a batch of settlements is one call',
    ['state'],
    async ({ givenMany, take, settle, backend, time, limits }) => {
      const { finished, calls } = await watched(backend)
      const count = Math.min(50, limits.settleBatch, limits.claimBatch)
      await givenMany(count)
      await settle(...(await take(count)).map((held) => completed(held)))
      await time.eventually(() => finished.length >= count, 'the news of a batch')
      assert.equal(calls.length, 1, `one settle call made ${calls.length} calls of the watcher`)
    },
  ),

  rule(
    'A16.10',
    'a watcher that throws harms neither the settlement nor other watchers',
    ['state'],
    async ({ active, backend, time }) => {
      await backend.inspect.watch(() => {
        throw new Error('a watcher that throws, on purpose')
      })
      const { finished } = await watched(backend)
      const held = await active()
      assert.deepEqual(await backend.settle([completed(held)]), ['applied'])
      await time.eventually(() => finished.length > 0, 'the news for the other watcher')
    },
  ),

  rule(
    'A16.11',
    'when the news comes the record tells it too',
    ['state'],
    async ({ active, backend, settle, time }) => {
      const states: (string | undefined)[] = []
      await backend.inspect.watch((finished) => {
        void backend.inspect
          .find(finished.map(({ id }) => id))
          .then((records) => states.push(...records.map((record) => record?.state)))
      })
      await settle(completed(await active()))
      await time.eventually(() => states.length > 0, 'the news of a finished job')
      assert.deepEqual(states, ['completed'])
    },
  ),

  rule(
    'A16.12',
    'no news is lost or doubled while two instances settle at once',
    ['state', 'two instances'],
    async ({ givenMany, take, another, backend, time }) => {
      const other = await another()
      const { finished } = await watched(other)
      const given = await givenMany(100)
      const held = await take(100)
      const settling: Promise<unknown>[] = []
      for (let from = 0; from < 100; from += 10) {
        settling.push(
          (from % 20 === 0 ? backend : other).settle(held.slice(from, from + 10).map((each) => completed(each))),
        )
      }
      await Promise.all(settling)
      await time.eventually(() => finished.length >= 100, 'the news of a hundred jobs')
      await time.pass(time.unit)
      assert.deepEqual(ids(finished).toSorted(), ids(given).toSorted())
    },
  ),

  rule(
    'A16.13',
    'a watch can begin anew after the backend was opened again',
    ['state'],
    async ({ active, backend, settle, time }) => {
      await watched(backend)
      await backend.close()
      await backend.open()
      const { finished } = await watched(backend)
      const held = await active()
      await settle(completed(held))
      await time.eventually(() => finished.length > 0, 'the news after opening again')
      await time.pass(time.unit)
      assert.deepEqual(ids(finished), [held.lease.id])
    },
  ),
])

const byId = (a: { readonly id: string }, b: { readonly id: string }): number => (a.id < b.id ? -1 : 1)
