import assert from 'node:assert/strict'
import { rule, type Case } from '../../suite/case.ts'
import { completed, dead, failed } from '../../stage/settlements.ts'
import { meanwhile, NONE } from '../../stage/words.ts'

export const counting: readonly Case[] = [
  rule(
    'A6.20',
    'counts tell the age of the oldest waiting job',
    ['state'],
    async ({ given, backend, queue, time, takeOne }) => {
      assert.equal((await backend.inspect.counts(queue)).oldest, 0)
      await given()
      await time.pass(2 * time.unit)
      await given()
      const { oldest } = await backend.inspect.counts(queue)
      assert.ok(
        oldest >= 2 * time.unit - 50 && oldest <= 20 * time.unit + 10_000,
        `the oldest job has waited ${2 * time.unit} ms, told was ${oldest}`,
      )
      await takeOne()
      await takeOne()
      assert.equal((await backend.inspect.counts(queue)).oldest, 0, 'active jobs do not wait')
    },
  ),

  rule('A6.21', 'counts of an unknown queue are zero', ['state'], async ({ backend }) => {
    assert.deepEqual(await backend.inspect.counts('unknown'), { ...NONE, oldest: 0, paused: false })
  }),

  rule(
    'A6.22',
    'counts add up at every moment while jobs are worked on',
    ['state', 'two instances'],
    async ({ backend, another, givenMany, take, queue }) => {
      const other = await another()
      await givenMany(60)
      const work = async (): Promise<void> => {
        for (let round = 0; round < 10; round++) {
          const held = await take(3)
          await backend.settle(held.map((each, index) => [completed, dead, failed][index % 3]!(each)))
        }
      }
      await meanwhile(work(), async () => {
        const { oldest: _, paused: __, ...counts } = await other.inspect.counts(queue)
        const sum = Object.values(counts).reduce((a, b) => a + b)
        assert.equal(sum, 60, `counts do not add up to 60: ${JSON.stringify(counts)}`)
      })
    },
  ),

  rule(
    'A6.23',
    'queues names those that hold a record, sorted',
    ['state'],
    async ({ given, backend, active, settle }) => {
      assert.deepEqual(await backend.inspect.queues(), [])
      await given({ queue: 'b' })
      await given({ queue: 'B' })
      await settle(completed(await active({ queue: 'a' })), completed(await active({ queue: 'gone' }), { keep: 0 }))
      assert.deepEqual(await backend.inspect.queues(), ['B', 'a', 'b'])
    },
  ),
]
