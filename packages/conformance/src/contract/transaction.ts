import assert from 'node:assert/strict'
import type { Backend } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { completed, dead, forged } from '../stage/settlements.ts'
import { ids } from '../stage/words.ts'

const NEEDS = ['transactions', 'transaction', 'state'] as const
const CHANGED_MIND = new Error('the caller rolls back')

export const transaction = chapter('A12', 'transactions', [
  rule('A12.1', 'jobs of a transaction that commits are there', NEEDS, async ({ harness, backend, jobs, take }) => {
    const given = jobs(3)
    await harness.transaction!(backend as Backend, async (tx) => {
      assert.deepEqual(
        new Set((await backend.within(tx).enqueue(given)).map(({ status }) => status)),
        new Set(['enqueued']),
      )
    })
    assert.deepEqual(ids(await take(3)), ids(given))
  }),

  rule(
    'A12.2',
    'jobs of a transaction that rolls back never were',
    NEEDS,
    async ({ harness, backend, job, nothing, state, given }) => {
      const lost = job()
      const rolled = harness.transaction!(backend as Backend, async (tx) => {
        await backend.within(tx).enqueue([lost])
        throw CHANGED_MIND
      })
      await assert.rejects(rolled, CHANGED_MIND)
      await nothing('a job of a transaction that was rolled back can be claimed')
      assert.equal(await state(lost.id), 'gone')
      await given({ id: lost.id })
    },
  ),

  rule(
    'A12.3',
    'jobs are not visible before the commit',
    [...NEEDS, 'two instances'],
    async ({ harness, backend, another, job, claim }) => {
      const other = await another()
      const hidden = job()
      await harness.transaction!(backend as Backend, async (tx) => {
        await backend.within(tx).enqueue([hidden])
        assert.deepEqual(
          await other.inspect.find([hidden.id]),
          [undefined],
          'a job was visible before its transaction committed',
        )
      })
      assert.deepEqual(ids(await claim({ by: other })), [hidden.id])
    },
  ),

  rule('A12.4', 'a commit wakes a waiting claim', NEEDS, async ({ harness, backend, job, claim, time }) => {
    const waiting = claim({ wait: 20 * time.unit })
    const next = job()
    await harness.transaction!(backend as Backend, async (tx) => void (await backend.within(tx).enqueue([next])))
    assert.deepEqual(ids(await time.until(waiting, 'waking for a commit', 10 * time.unit)), [next.id])
  }),

  rule(
    'A12.5',
    'a settlement that commits stands, with its follow-ups',
    NEEDS,
    async ({ harness, backend, active, job, state }) => {
      const held = await active()
      const follower = job({ queue: 'next' })
      await harness.transaction!(backend as Backend, async (tx) => {
        assert.deepEqual(await backend.within(tx).settle([completed(held, { then: [follower] })]), ['applied'])
      })
      assert.deepEqual([await state(held.lease.id), await state(follower.id)], ['completed', 'waiting'])
      assert.deepEqual(
        await backend.settle([completed(held)]),
        ['applied'],
        'a repeat outside of the transaction is applied',
      )
    },
  ),

  rule(
    'A12.6',
    'a settlement that rolls back leaves the job to its worker',
    NEEDS,
    async ({ harness, backend, active, job, state }) => {
      const held = await active()
      const follower = job({ queue: 'next' })
      const rolled = harness.transaction!(backend as Backend, async (tx) => {
        await backend.within(tx).settle([completed(held, { then: [follower] })])
        throw CHANGED_MIND
      })
      await assert.rejects(rolled, CHANGED_MIND)
      assert.deepEqual([await state(held.lease.id), await state(follower.id)], ['active', 'gone'])
      assert.deepEqual(
        await backend.settle([dead(held)]),
        ['applied'],
        'a settlement that was rolled back used up the token',
      )
      assert.equal(await state(held.lease.id), 'dead')
    },
  ),

  rule(
    'A12.7',
    'a stale token is lost inside a transaction too',
    NEEDS,
    async ({ harness, backend, active, takeOne, time, state }) => {
      const stale = await active({}, { lease: time.unit })
      const held = await takeOne()
      await harness.transaction!(backend as Backend, async (tx) => {
        assert.deepEqual(await backend.within(tx).settle([completed(stale), completed(forged(held))]), ['lost', 'lost'])
      })
      assert.equal(await state(held.lease.id), 'active')
    },
  ),

  rule(
    'A12.8',
    'a known id and a taken key are duplicates inside a transaction too',
    [...NEEDS, 'unique'],
    async ({ harness, backend, given, job, nothing, takeOne }) => {
      const key = { unique: { key: 'the key' } }
      const first = await given(key)
      await harness.transaction!(backend as Backend, async (tx) => {
        const answers = await backend.within(tx).enqueue([first, job(key)])
        assert.deepEqual(answers, [
          { status: 'duplicate', of: first.id },
          { status: 'duplicate', of: first.id },
        ])
      })
      await takeOne()
      await nothing('a duplicate was stored by a transaction')
    },
  ),

  rule(
    'A12.9',
    'calls of one transaction see each other',
    [...NEEDS, 'unique'],
    async ({ harness, backend, job, takeOne, nothing }) => {
      const key = { unique: { key: 'the key' } }
      const first = job(key)
      await harness.transaction!(backend as Backend, async (tx) => {
        await backend.within(tx).enqueue([first])
        assert.deepEqual(await backend.within(tx).enqueue([job(key), first]), [
          { status: 'duplicate', of: first.id },
          { status: 'duplicate', of: first.id },
        ])
      })
      await takeOne()
      await nothing('a transaction stored a duplicate')
    },
  ),

  rule(
    'A12.10',
    'the effect of a job and its outcome are one: what is enqueued and settled together stands together',
    NEEDS,
    async ({ harness, backend, active, jobs, state }) => {
      const held = await active()
      const effects = jobs(2, { queue: 'effects' })
      const attempt = async (end: 'commit' | 'roll back'): Promise<void> =>
        harness.transaction!(backend as Backend, async (tx) => {
          await backend.within(tx).enqueue(effects)
          await backend.within(tx).settle([completed(held)])
          if (end === 'roll back') throw CHANGED_MIND
        })
      await assert.rejects(attempt('roll back'), CHANGED_MIND)
      assert.deepEqual([await state(held.lease.id), await state(effects[0]!.id)], ['active', 'gone'])
      await attempt('commit')
      assert.deepEqual(
        [await state(held.lease.id), await state(effects[0]!.id), await state(effects[1]!.id)],
        ['completed', 'waiting', 'waiting'],
      )
    },
  ),
])
