import assert from 'node:assert/strict'
import type { ClaimedJob } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import { completed, failed, forged } from '../../stage/settlements.ts'
import { STRANGE } from '../../stage/words.ts'

export const reporting: readonly Case[] = [
  rule(
    'A6.30',
    'a report stores progress and appends log lines, in order',
    ['state'],
    async ({ active, backend, record }) => {
      const { lease } = await active()
      assert.deepEqual(await backend.report([{ lease, progress: '0.1', logs: ['"a"', '"b"'] }]), ['applied'])
      assert.deepEqual(
        await backend.report([
          { lease, logs: [JSON.stringify(STRANGE)] },
          { lease, progress: '0.2' },
        ]),
        ['applied', 'applied'],
      )
      const { progress, logs } = await record(lease.id)
      assert.deepEqual({ progress, logs }, { progress: '0.2', logs: ['"a"', '"b"', JSON.stringify(STRANGE)] })
    },
  ),

  rule('A6.31', 'at least the newest 100 log lines are kept', ['state'], async ({ active, backend, record }) => {
    const { lease } = await active()
    for (let from = 0; from < 150; from += 30) {
      await backend.report([{ lease, logs: Array.from({ length: 30 }, (_, index) => String(from + index)) }])
    }
    assert.deepEqual(
      (await record(lease.id)).logs.slice(-100),
      Array.from({ length: 100 }, (_, index) => String(50 + index)),
    )
  }),

  rule(
    'A6.32',
    'a report by a stale or forged token is lost and changes nothing',
    ['state'],
    async ({ active, backend, record, takeOne, time }) => {
      const stale = await active({}, { lease: time.unit })
      const held = await takeOne()
      const before = await record(held.lease.id)
      const news = { progress: '1', logs: ['"a"'] }
      const answers = await backend.report([
        { ...stale, ...news },
        { ...forged(held), ...news },
        { lease: { ...held.lease, id: 'unknown' }, ...news },
      ])
      assert.deepEqual(answers, ['lost', 'lost', 'lost'])
      assert.deepEqual(await record(held.lease.id), before, 'a stale token changed the record')
    },
  ),

  rule(
    'A6.33',
    'a batch of reports is answered by index; an empty one by an empty one',
    ['state'],
    async ({ givenMany, take, backend, record }) => {
      await givenMany(2)
      const [a, b] = (await take(2)) as [ClaimedJob, ClaimedJob]
      const answers = await backend.report(
        [
          { ...a, progress: '1' },
          { ...forged(a), progress: '2' },
          { ...b, progress: '3' },
        ].map(({ lease, progress }) => ({ lease, progress })),
      )
      assert.deepEqual(answers, ['applied', 'lost', 'applied'])
      assert.deepEqual([(await record(a.lease.id)).progress, (await record(b.lease.id)).progress], ['1', '3'])
      assert.deepEqual(await backend.report([]), [])
    },
  ),

  rule(
    'A6.34',
    'progress and logs outlive the attempt and the job',
    ['state'],
    async ({ active, backend, record, settle, takeOne }) => {
      const held = await active()
      await backend.report([{ lease: held.lease, progress: '0.5', logs: ['"first"'] }])
      await settle(failed(held))
      const again = await takeOne()
      await backend.report([{ lease: again.lease, logs: ['"second"'] }])
      await settle(completed(again))
      const { progress, logs } = await record(held.lease.id)
      assert.deepEqual({ progress, logs }, { progress: '0.5', logs: ['"first"', '"second"'] })
    },
  ),
]
