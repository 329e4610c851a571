import assert from 'node:assert/strict'
import type { Enqueued, NewJob } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import { cancelled, completed, dead, failed, returned } from '../stage/settlements.ts'
import { STRANGE_KEYS } from '../stage/words.ts'

const KEY = { unique: { key: 'the key' } }
const ENQUEUED: Enqueued = { status: 'enqueued' }
const duplicateOf = ({ id }: Pick<NewJob, 'id'>): Enqueued => ({ status: 'duplicate', of: id })

export const unique = chapter('A5', 'unique keys', [
  rule(
    'A5.1',
    'a second job with the key is a duplicate of the first and is not stored',
    ['unique'],
    async ({ backend, given, job, takeOne, nothing }) => {
      const first = await given(KEY)
      assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(first)])
      await takeOne()
      await nothing('a duplicate was stored')
    },
  ),

  rule(
    'A5.2',
    'inside one batch the first job with the key wins',
    ['unique'],
    async ({ backend, job, takeOne, nothing }) => {
      const [a, b, c] = [job(KEY), job(KEY), job({ unique: { key: 'another key' } })]
      assert.deepEqual(await backend.enqueue([a, b, c]), [ENQUEUED, duplicateOf(a), ENQUEUED])
      await takeOne()
      await takeOne()
      await nothing('a duplicate inside a batch was stored')
    },
  ),

  rule(
    'A5.3',
    'ten instances that enqueue one key at once make one job',
    ['unique', 'two instances'],
    async ({ another, job, takeOne, nothing }) => {
      const instances = await Promise.all(Array.from({ length: 10 }, another))
      const answers = (await Promise.all(instances.map((each) => each.enqueue([job(KEY)])))).flat()
      const enqueued = answers.filter(({ status }) => status === 'enqueued').length
      assert.equal(enqueued, 1, `${enqueued} of ten instances were told that their job was enqueued`)
      const { lease } = await takeOne()
      for (const answer of answers)
        if (answer.status === 'duplicate')
          assert.equal(answer.of, lease.id, 'a duplicate names a job that does not exist')
      await nothing('a key that ten instances enqueued made several jobs')
    },
  ),

  rule('A5.4', 'an active job holds its key', ['unique'], async ({ backend, active, job }) => {
    const { lease } = await active(KEY)
    assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(lease)])
  }),

  rule('A5.5', 'a job that waits for its delay holds its key', ['unique', 'delay'], async ({ backend, given, job }) => {
    const first = await given({ ...KEY, delay: 600_000 })
    assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(first)])
  }),

  rule('A5.6', 'a job that waits for its retry holds its key', ['unique'], async ({ backend, active, job, settle }) => {
    const held = await active(KEY)
    await settle(failed(held, { delay: 600_000 }))
    assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(held.lease)])
  }),

  rule(
    'A5.7',
    'a returned job and a crashed one hold their key',
    ['unique', 'state'],
    async ({ backend, active, job, settle, takeOne, time }) => {
      const held = await active(KEY)
      await settle(returned(held))
      assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(held.lease)], 'a return freed the key')
      await takeOne({ lease: time.unit })
      await time.pass(2 * time.unit)
      assert.deepEqual(
        await backend.enqueue([job(KEY)]),
        [duplicateOf(held.lease)],
        'a lease that ran out freed the key',
      )
    },
  ),

  rule('A5.8', 'completion frees the key', ['unique'], async ({ backend, active, job, settle }) => {
    await settle(completed(await active(KEY)))
    assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED])
  }),

  rule('A5.9', 'death frees the key', ['unique'], async ({ backend, active, job, settle }) => {
    await settle(dead(await active(KEY)))
    assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED])
  }),

  rule('A5.10', 'cancellation by its worker frees the key', ['unique'], async ({ backend, active, job, settle }) => {
    await settle(cancelled(await active(KEY)))
    assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED])
  }),

  rule('A5.11', 'cancellation by an operator frees the key', ['unique', 'state'], async ({ backend, given, job }) => {
    const { id } = await given(KEY)
    await backend.operate.cancel([{ id, keep: 3_600_000 }])
    assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED])
  }),

  rule('A5.12', 'removal frees the key', ['unique', 'state'], async ({ backend, given, job }) => {
    const { id } = await given(KEY)
    await backend.operate.remove([id])
    assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED])
  }),

  rule('A5.13', 'a key that is freed is held by the next job', ['unique'], async ({ backend, active, job, settle }) => {
    await settle(completed(await active(KEY)))
    const next = job(KEY)
    assert.deepEqual(await backend.enqueue([next, job(KEY)]), [ENQUEUED, duplicateOf(next)])
    assert.deepEqual(
      await backend.enqueue([job(KEY)]),
      [duplicateOf(next)],
      'the answer names another job than the holder',
    )
  }),

  rule(
    'A5.14',
    'with `within` the key stays taken after the job has finished, and is free afterwards',
    ['unique'],
    async ({ backend, active, job, settle, time }) => {
      const start = time.now()
      const held = await active({ unique: { key: 'the key', within: 4 * time.unit } })
      await settle(completed(held))
      const answers = await backend.enqueue([job(KEY)])
      if (time.now() - start < 4 * time.unit)
        assert.deepEqual(answers, [duplicateOf(held.lease)], 'the key was freed before `within` was over')
      await time.pass(5 * time.unit)
      assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED], 'the key was still taken when `within` was over')
    },
  ),

  rule(
    'A5.15',
    'with `within` the key stays taken also when the record was dropped',
    ['unique'],
    async ({ backend, active, job, settle, time }) => {
      const held = await active({ unique: { key: 'the key', within: 600_000 } })
      await settle(completed(held, { keep: 0 }))
      assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(held.lease)])
      await time.pass(time.unit)
      assert.deepEqual(await backend.enqueue([job(KEY)]), [duplicateOf(held.lease)])
    },
  ),

  rule(
    'A5.16',
    'a job that runs longer than `within` holds its key until it is finished',
    ['unique'],
    async ({ backend, active, job, time }) => {
      const held = await active({ unique: { key: 'the key', within: time.unit } })
      await time.pass(2 * time.unit)
      assert.deepEqual(
        await backend.enqueue([job(KEY)]),
        [duplicateOf(held.lease)],
        'the key of an unfinished job was freed',
      )
    },
  ),

  rule('A5.17', 'a duplicate does not prolong `within`', ['unique'], async ({ backend, active, job, settle, time }) => {
    const brief = { unique: { key: 'the key', within: 5 * time.unit } }
    const start = time.now()
    await settle(completed(await active(brief)))
    await time.pass(time.unit)
    const [repeat] = await backend.enqueue([job({ unique: { key: 'the key', within: 600_000 } })])
    if (repeat?.status !== 'duplicate') {
      assert.ok(time.now() - start >= 5 * time.unit, 'the key was freed before `within` was over')
      return
    }
    await time.pass(5 * time.unit)
    assert.deepEqual(
      await backend.enqueue([job(KEY)]),
      [ENQUEUED],
      'a duplicate prolonged the time that the key is taken',
    )
  }),

  rule('A5.18', 'keys of different queues are different', ['unique'], async ({ backend, job, given }) => {
    await given({ ...KEY, queue: 'a' })
    assert.deepEqual(await backend.enqueue([job({ ...KEY, queue: 'b' })]), [ENQUEUED])
  }),

  rule('A5.19', 'queue and key are never mixed up', ['unique'], async ({ backend, job, given }) => {
    await given({ queue: 'a', unique: { key: 'b:c' } })
    assert.deepEqual(await backend.enqueue([job({ queue: 'a:b', unique: { key: 'c' } })]), [ENQUEUED])
  }),

  rule(
    'A5.20',
    'keys are told apart to the last code unit, and any text can be one',
    ['unique'],
    async ({ backend, jobs, job }) => {
      const keys = [...STRANGE_KEYS, 'key', 'Key', 'key ', ' key', 'kéy', 'ke\u0301y']
      const first = jobs(keys.length, (index) => ({ unique: { key: keys[index]! } }))
      for (const each of first)
        assert.deepEqual(
          await backend.enqueue([each]),
          [ENQUEUED],
          `key ${JSON.stringify(each.unique!.key)} was taken for another`,
        )
      for (const each of first)
        assert.deepEqual(
          await backend.enqueue([job({ unique: each.unique! })]),
          [duplicateOf(each)],
          `key ${JSON.stringify(each.unique!.key)}`,
        )
    },
  ),

  rule('A5.21', 'the id of a duplicate stays free', ['unique', 'state'], async ({ backend, given, job }) => {
    await given(KEY)
    const second = job()
    await backend.enqueue([{ ...second, ...KEY }])
    assert.deepEqual(await backend.inspect.find([second.id]), [undefined])
    assert.deepEqual(await backend.enqueue([second]), [ENQUEUED])
  }),

  rule(
    'A5.22',
    'the same id with the same key is a duplicate of itself',
    ['unique', 'state'],
    async ({ backend, given, active, settle }) => {
      const first = await given(KEY)
      assert.deepEqual(await backend.enqueue([first]), [duplicateOf(first)])
      const other = { unique: { key: 'another key' } }
      const held = await active({ ...other, queue: 'other' })
      await settle(completed(held))
      assert.deepEqual(await backend.enqueue([{ ...first, id: held.lease.id, queue: 'other', ...other }]), [
        duplicateOf(held.lease),
      ])
    },
  ),

  rule('A5.23', 'a known id takes no key', ['unique', 'state'], async ({ backend, given, job }) => {
    const plain = await given()
    assert.deepEqual(await backend.enqueue([{ ...plain, ...KEY }]), [duplicateOf(plain)])
    assert.deepEqual(await backend.enqueue([job(KEY)]), [ENQUEUED], 'a repeated enqueue took a unique key')
  }),

  rule('A5.24', 'the record tells the key', ['unique', 'state'], async ({ given, record }) => {
    const { id } = await given(KEY)
    assert.equal((await record(id)).unique, 'the key')
  }),
])
