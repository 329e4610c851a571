import assert from 'node:assert/strict'
import type { ClaimedJob, ListQuery, Page } from '@jobport/core/adapter'
import { rule, type Case } from '../../suite/case.ts'
import type { Stage } from '../../stage/stage.ts'
import { cancelled, completed, dead, failed } from '../../stage/settlements.ts'
import { ids } from '../../stage/words.ts'

export const listing: readonly Case[] = [
  rule(
    'A6.24',
    'list pages through all jobs of a state, oldest first, each once',
    ['state', 'fifo'],
    async ({ givenMany, backend, queue }) => {
      const given = await givenMany(25)
      const pages = await everyPage(backend, { queue, state: 'waiting', limit: 10 })
      assert.deepEqual(
        pages.map(({ jobs }) => jobs.length),
        [10, 10, 5],
      )
      assert.deepEqual(
        ids(pages.flatMap(({ jobs }) => jobs)),
        ids(given),
        'the pages are out of order, or miss jobs, or show one twice',
      )
    },
  ),

  rule(
    'A6.25',
    'a page that is exactly full is followed by nothing more',
    ['state'],
    async ({ givenMany, backend, queue }) => {
      await givenMany(6)
      const pages = await everyPage(backend, { queue, state: 'waiting', limit: 3 })
      assert.equal(pages.flatMap(({ jobs }) => jobs).length, 6)
      assert.ok(pages.length <= 3, `${pages.length} pages for two pages of jobs`)
    },
  ),

  rule('A6.26', 'list pages through every state', ['state'], async ({ givenMany, take, settle, backend, queue }) => {
    await givenMany(20)
    const held = await take(20)
    const ends = [completed, dead, cancelled, (each: ClaimedJob) => failed(each, { delay: 600_000 })]
    await settle(...held.slice(4).map((each, index) => ends[index % 4]!(each)))
    for (const name of ['active', 'completed', 'dead', 'cancelled', 'scheduled'] as const) {
      const listed = (await everyPage(backend, { queue, state: name, limit: 3 })).flatMap(({ jobs }) => jobs)
      assert.equal(new Set(ids(listed)).size, 4, `list(${name}) shows ${ids(listed).join(', ')}`)
      assert.ok(
        listed.every((record) => record.state === name),
        `list(${name}) shows other states`,
      )
    }
  }),

  rule(
    'A6.27',
    'list shows the jobs of a name only, when asked to',
    ['state'],
    async ({ givenMany, backend, queue }) => {
      const given = await givenMany(20, (index) => ({ name: index % 4 === 0 ? 'rare' : 'common' }))
      const listed = await everyPage(backend, { queue, state: 'waiting', name: 'rare', limit: 2 })
      assert.deepEqual(
        ids(listed.flatMap(({ jobs }) => jobs)).toSorted(),
        ids(given.filter(({ name }) => name === 'rare')).toSorted(),
      )
      assert.deepEqual((await backend.inspect.list({ queue, state: 'waiting', name: 'none', limit: 2 })).jobs, [])
    },
  ),

  rule(
    'A6.28',
    'list shows the same records as find',
    ['state'],
    async ({ active, settle, backend, queue, record }) => {
      const held = await active({ payload: '{"a":1}', headers: { b: 'c' } })
      await settle(dead(held))
      assert.deepEqual((await backend.inspect.list({ queue, state: 'dead', limit: 5 })).jobs, [
        await record(held.lease.id),
      ])
    },
  ),

  rule('A6.29', 'reading changes nothing', ['state'], async ({ active, backend, record, queue }) => {
    const { lease } = await active()
    const before = await record(lease.id)
    await backend.inspect.list({ queue, state: 'active', limit: 5 })
    await backend.inspect.counts(queue)
    await backend.inspect.queues()
    assert.deepEqual(await record(lease.id), before)
  }),
]

async function everyPage({ inspect }: Stage<'state'>['backend'], query: ListQuery): Promise<Page[]> {
  const pages: Page[] = []
  for (let after: string | undefined; pages.length < 100;) {
    const page = await inspect.list({ ...query, ...(after !== undefined && { after }) })
    pages.push(page)
    if (page.next === undefined) return pages
    after = page.next
  }
  return assert.fail('list never comes to its last page')
}
