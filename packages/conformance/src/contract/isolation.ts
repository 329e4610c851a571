import assert from 'node:assert/strict'
import { chapter, rule } from '../suite/case.ts'
import { completed } from '../stage/settlements.ts'
import { ids, watched } from '../stage/words.ts'

export const isolation = chapter('A9', 'isolation', [
  rule('A9.1', 'jobs of one namespace are not claimed in another', async ({ given, elsewhere, nothing, takeOne }) => {
    const other = await elsewhere()
    await given()
    await nothing('a job came out in another namespace', { by: other })
    await takeOne()
  }),

  rule(
    'A9.2',
    'ids, queues and counts of two namespaces are apart',
    ['state'],
    async ({ given, elsewhere, backend, queue }) => {
      const other = await elsewhere()
      const job = await given()
      assert.deepEqual(await other.inspect.find([job.id]), [undefined])
      assert.deepEqual(await other.inspect.queues(), [])
      assert.deepEqual(
        await other.enqueue([job]),
        [{ status: 'enqueued' }],
        'an id of one namespace is taken in another',
      )
      assert.equal((await backend.inspect.counts(queue)).waiting, 1)
    },
  ),

  rule(
    'A9.3',
    'a token of one namespace is lost in another',
    ['state'],
    async ({ active, elsewhere, job, claim, backend }) => {
      const other = await elsewhere()
      const held = await active()
      await other.enqueue([job({ id: held.lease.id })])
      const [theirs] = await claim({ by: other })
      assert.deepEqual(await other.settle([completed({ lease: { ...held.lease, token: `${held.lease.token}x` } })]), [
        'lost',
      ])
      assert.deepEqual(await other.settle([completed(theirs!)]), ['applied'])
      assert.deepEqual(await backend.settle([completed(held)]), ['applied'])
    },
  ),

  rule(
    'A9.4',
    'keys, groups, pauses and news of two namespaces are apart',
    ['state', 'unique', 'group'],
    async ({ active, elsewhere, job, claim, backend, queue, time, settle }) => {
      const other = await elsewhere()
      const news = await watched(other)
      const busy = { unique: { key: 'the key' }, group: 'g' }
      const held = await active(busy)
      const theirs = job(busy)
      assert.deepEqual(
        await other.enqueue([theirs]),
        [{ status: 'enqueued' }],
        'a key of one namespace is taken in another',
      )
      await backend.operate.pause(queue)
      assert.deepEqual(
        ids(await claim({ by: other })),
        [theirs.id],
        'a busy group or a pause of one namespace holds another',
      )
      await settle(completed(held))
      await time.pass(time.unit)
      assert.deepEqual(news.finished, [], 'a watcher was told of a job of another namespace')
    },
  ),

  rule('A9.5', 'a job does not wake a claim in another namespace', async ({ elsewhere, claim, given, time }) => {
    const other = await elsewhere()
    const waiting = claim({ by: other, wait: time.unit })
    await given()
    assert.deepEqual(await time.until(waiting, 'the end of a waiting claim'), [])
  }),

  rule(
    'A9.6',
    'a namespace can be removed, and is empty when it is used again',
    async ({ harness, namespace, backend, given, another, nothing, job, takeOne }) => {
      const { id } = await given()
      await backend.close()
      await harness.cleanup(namespace)
      const again = await another()
      await nothing('a job outlived the removal of its namespace', { by: again })
      assert.deepEqual(await again.enqueue([job({ id })]), [{ status: 'enqueued' }])
      await takeOne({ by: again })
    },
  ),
])
