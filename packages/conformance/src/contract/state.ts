import assert from 'node:assert/strict'
import type { ClaimedJob, JobRecord, JobState, ListQuery, Page } from '@jobport/core/adapter'
import { chapter, rule } from '../suite/case.ts'
import type { Stage } from '../stage/stage.ts'
import { cancelled, completed, dead, failed, forged, returned } from '../stage/settlements.ts'
import { ids, meanwhile, STRANGE } from '../stage/words.ts'

const NONE: Readonly<Record<JobState, number>> = {
  waiting: 0,
  scheduled: 0,
  active: 0,
  completed: 0,
  dead: 0,
  cancelled: 0,
}

export const state = chapter('A6', 'state', [
  rule(
    'A6.1',
    'find answers by index, and undefined for what is unknown',
    ['state'],
    async ({ givenMany, backend }) => {
      const [a, b] = await givenMany(2)
      const found = await backend.inspect.find([b!.id, 'unknown', a!.id, b!.id])
      assert.deepEqual(
        found.map((record) => record?.id),
        [b!.id, undefined, a!.id, b!.id],
      )
      assert.deepEqual(await backend.inspect.find([]), [])
    },
  ),

  rule('A6.2', 'each state can be reached, found, listed and counted', ['state', 'delay'], async (stage) => {
    const { backend, state, queue } = stage
    const jobs = await oneOfEach(stage)
    for (const [name, id] of Object.entries(jobs) as [JobState, string][]) {
      assert.equal(await state(id), name)
      const page = await backend.inspect.list({ queue, state: name, limit: 10 })
      assert.deepEqual(ids(page.jobs), [id], `list(${name})`)
    }
    assert.deepEqual(await countsOf(stage), {
      waiting: 1,
      scheduled: 1,
      active: 1,
      completed: 1,
      dead: 1,
      cancelled: 1,
    })
  }),

  rule('A6.3', 'the record of a new job tells what was enqueued', ['state'], async ({ given, record }) => {
    const { id } = await given({ name: 'a.name', payload: '[1, 2]', headers: { a: 'b' }, policy: '{"retries":1}' })
    const { enqueuedAt, ...rest } = present(await record(id))
    assert.equal(typeof enqueuedAt, 'number')
    assert.deepEqual(rest, {
      id,
      queue: 'work',
      name: 'a.name',
      state: 'waiting',
      payload: '[1, 2]',
      headers: { a: 'b' },
      policy: '{"retries":1}',
      priority: 0,
      attempt: 0,
      failures: 0,
      crashes: 0,
      redrives: 0,
      errors: [],
      logs: [],
      cancelRequested: false,
    })
  }),

  rule('A6.4', 'the record tells priority and group', ['state', 'priority', 'group'], async ({ given, record }) => {
    const { id } = await given({ priority: 1, group: 'g' })
    const { priority, group } = await record(id)
    assert.deepEqual({ priority, group }, { priority: 1, group: 'g' })
  }),

  rule(
    'A6.5',
    'the record of a scheduled job tells when it falls due',
    ['state', 'delay'],
    async ({ given, record }) => {
      const { id } = await given({ delay: 600_000 })
      const { dueAt, enqueuedAt } = await record(id)
      assert.ok(Math.abs(dueAt! - enqueuedAt - 600_000) < 2_000, `dueAt is ${dueAt! - enqueuedAt} ms after enqueuedAt`)
    },
  ),

  rule('A6.6', 'a scheduled job becomes waiting by itself when it falls due', ['state', 'delay'], async (stage) => {
    const { given, state, time, backend, queue } = stage
    const { id } = await given({ delay: time.unit })
    await time.pass(2 * time.unit)
    assert.equal(await state(id), 'waiting', 'find does not follow the clock')
    assert.deepEqual(await countsOf(stage), { ...NONE, waiting: 1 }, 'counts do not follow the clock')
    assert.deepEqual(
      ids((await backend.inspect.list({ queue, state: 'waiting', limit: 5 })).jobs),
      [id],
      'list does not follow the clock',
    )
    assert.deepEqual((await backend.inspect.list({ queue, state: 'scheduled', limit: 5 })).jobs, [])
  }),

  rule(
    'A6.7',
    'a job that waits for its retry is scheduled, then waiting',
    ['state'],
    async ({ active, settle, state, time }) => {
      const held = await active()
      await settle(failed(held, { delay: 2 * time.unit }))
      assert.equal(await state(held.lease.id), 'scheduled')
      await time.pass(3 * time.unit)
      assert.equal(await state(held.lease.id), 'waiting')
    },
  ),

  rule(
    'A6.8',
    'a job whose lease ran out stays active until it is claimed again',
    ['state'],
    async ({ active, state, time }) => {
      const held = await active({}, { lease: time.unit })
      await time.pass(2 * time.unit)
      assert.equal(await state(held.lease.id), 'active')
    },
  ),

  rule(
    'A6.9',
    'the record tells attempt, failures and crashes',
    ['state'],
    async ({ active, settle, takeOne, record, time }) => {
      const held = await active()
      await settle(failed(held))
      await takeOne({ lease: time.unit })
      await takeOne()
      const { attempt, failures, crashes } = await record(held.lease.id)
      assert.deepEqual({ attempt, failures, crashes }, { attempt: 3, failures: 1, crashes: 1 })
    },
  ),

  rule(
    'A6.10',
    'the record tells when the job was claimed and when it finished, in order',
    ['state'],
    async ({ active, settle, record, time }) => {
      const held = await active()
      await time.pass(time.unit)
      await settle(completed(held))
      const { enqueuedAt, claimedAt, finishedAt } = await record(held.lease.id)
      assert.equal(enqueuedAt, held.enqueuedAt, 'the claim and the record tell different times')
      assert.ok(
        claimedAt! >= enqueuedAt && finishedAt! >= claimedAt! + time.unit - 50,
        `${enqueuedAt}, ${claimedAt}, ${finishedAt}`,
      )
    },
  ),

  rule('A6.11', 'enqueuedAt stays the same over retries', ['state'], async ({ active, settle, takeOne, time }) => {
    const held = await active()
    await time.pass(time.unit)
    await settle(failed(held))
    assert.equal((await takeOne()).enqueuedAt, held.enqueuedAt)
  }),

  rule('A6.12', 'the result can be read, as it was given', ['results'], async ({ active, settle, record }) => {
    const held = await active()
    const result = JSON.stringify(STRANGE)
    await settle(completed(held, { result }))
    assert.equal((await record(held.lease.id)).result, result)
  }),

  rule('A6.13', 'no result is no result, and null is one', ['results'], async ({ givenMany, take, settle, record }) => {
    await givenMany(2)
    const [a, b] = (await take(2)) as [ClaimedJob, ClaimedJob]
    await settle(completed(a), completed(b, { result: 'null' }))
    assert.equal((await record(a.lease.id)).result, undefined)
    assert.equal((await record(b.lease.id)).result, 'null')
  }),

  rule(
    'A6.14',
    'errors are appended in order, that of the death last',
    ['state'],
    async ({ active, settle, takeOne, record }) => {
      const held = await active()
      await settle(failed(held, { error: '"one"' }))
      await settle(returned(await takeOne(), { error: '"two"' }))
      await settle(returned(await takeOne()))
      await settle(dead(await takeOne(), { error: JSON.stringify(STRANGE) }))
      assert.deepEqual((await record(held.lease.id)).errors, ['"one"', '"two"', JSON.stringify(STRANGE)])
    },
  ),

  rule('A6.15', 'at least the newest 20 errors are kept', ['state'], async ({ active, settle, takeOne, record }) => {
    let held = await active()
    for (let index = 0; index < 30; index++) {
      await settle(failed(held, { error: String(index) }))
      held = await takeOne()
    }
    const { errors } = await record(held.lease.id)
    assert.deepEqual(
      errors.slice(-20),
      Array.from({ length: 20 }, (_, index) => String(10 + index)),
    )
  }),

  rule('A6.16', 'a finished record is readable for its keep', ['state'], async (stage) => {
    const { active, settle, state, time, backend, queue } = stage
    const held = await active()
    const start = time.now()
    await settle(completed(held, { keep: 4 * time.unit }))
    await time.pass(time.unit)
    if (time.now() - start < 3 * time.unit)
      assert.equal(await state(held.lease.id), 'completed', 'a record vanished before its keep was over')
    await time.pass(4 * time.unit)
    assert.equal(await state(held.lease.id), 'gone', 'find shows a record whose keep is over')
    assert.deepEqual(await countsOf(stage), NONE, 'counts has a record whose keep is over')
    assert.deepEqual(
      (await backend.inspect.list({ queue, state: 'completed', limit: 5 })).jobs,
      [],
      'list shows a record whose keep is over',
    )
    assert.deepEqual(await backend.inspect.queues(), [], 'queues has a queue whose records are gone')
  }),

  rule('A6.17', 'each record has a keep of its own', ['state'], async ({ givenMany, take, settle, state, time }) => {
    await givenMany(3)
    const [a, b, c] = (await take(3)) as [ClaimedJob, ClaimedJob, ClaimedJob]
    await settle(completed(a, { keep: 3_600_000 }), dead(b, { keep: time.unit }), cancelled(c, { keep: 0 }))
    await time.pass(2 * time.unit)
    assert.deepEqual(await Promise.all([a, b, c].map(({ lease }) => state(lease.id))), ['completed', 'gone', 'gone'])
  }),

  rule('A6.18', 'with keep 0 the record is gone at once', ['state'], async (stage) => {
    const { active, settle, state, backend } = stage
    const held = await active()
    await settle(completed(held, { keep: 0 }))
    assert.equal(await state(held.lease.id), 'gone')
    assert.deepEqual(await countsOf(stage), NONE)
    assert.deepEqual(await backend.inspect.queues(), [])
  }),

  rule(
    'A6.19',
    'in the end nothing is left of jobs that finished, not a row',
    ['state', 'footprint', 'virtual time'],
    async ({ harness, namespace, givenMany, take, settle, time, claim, backend, features }) => {
      const count = 50
      await givenMany(count, (index) => ({
        ...(features.unique && { unique: { key: `${index}` } }),
        ...(features.group && index % 5 === 0 && { group: 'g' }),
      }))
      for (let done = 0; done < count;) {
        const held = await take(1, { limit: 20 })
        await settle(
          ...held.map((each, index) =>
            index % 2 === 0 ? completed(each, { keep: 0 }) : dead(each, { keep: time.unit }),
          ),
        )
        done += held.length
      }
      for (let round = 0; round < 40 && (await harness.footprint!(namespace)) > 0; round++) {
        await time.pass(60_000)
        await claim()
        await backend.settle([])
      }
      assert.equal(await harness.footprint!(namespace), 0, 'rows or keys are left for ever')
    },
  ),

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
    async ({ backend, another, givenMany, take, queue, limits }) => {
      const other = await another()
      await givenMany(60)
      const work = async (): Promise<void> => {
        for (let round = 0; round < 10; round++) {
          const held = await take(3, { limit: Math.min(3, limits.claimBatch) })
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

  rule(
    'A6.35',
    'records are seen alike by another instance',
    ['state', 'two instances'],
    async ({ active, another, backend, record, queue }) => {
      const { lease } = await active()
      const other = await another()
      assert.deepEqual((await other.inspect.find([lease.id]))[0], await record(lease.id))
      const [a, b] = [await backend.inspect.counts(queue), await other.inspect.counts(queue)]
      assert.equal(b.active, a.active)
    },
  ),

  rule('A6.36', 'records outlive the instances', ['state', 'durable'], async ({ active, another, backend, settle }) => {
    const held = await active()
    await settle(dead(held))
    const [before] = await backend.inspect.find([held.lease.id])
    await backend.close()
    assert.deepEqual((await (await another()).inspect.find([held.lease.id]))[0], before)
  }),
])

/** A record without what is there but undefined. */
function present(record: JobRecord): Partial<JobRecord> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}

async function countsOf({
  backend,
  queue,
}: Pick<Stage<'state'>, 'backend' | 'queue'>): Promise<Record<JobState, number>> {
  const { oldest: _, paused: __, ...counts } = await backend.inspect.counts(queue)
  return counts
}

async function oneOfEach({
  given,
  active,
  settle,
}: Pick<Stage<'state'>, 'given' | 'active' | 'settle'>): Promise<Record<JobState, string>> {
  const [a, b, c] = [await active(), await active(), await active()]
  await settle(completed(a), dead(b), cancelled(c))
  const d = await active()
  return {
    completed: a.lease.id,
    dead: b.lease.id,
    cancelled: c.lease.id,
    active: d.lease.id,
    waiting: (await given()).id,
    scheduled: (await given({ delay: 600_000 })).id,
  }
}

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
