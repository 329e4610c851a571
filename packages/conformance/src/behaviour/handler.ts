import assert from 'node:assert/strict'
import { defineJob, handle, type, type Schema } from '@jobport/core'
import { JobDeadError, JobTimeoutError } from '@jobport/core'
import { chapter, rule, type Case } from '../suite/case.ts'
import { aborted, company, double, doubles } from '../stage/company.ts'

/** What handlers throw when they should not. */
const THROWN: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'a string': () => 'just text',
  'a number': () => 42,
  'a plain object': () => ({ code: 'E_PLAIN' }),
  'a symbol': () => Symbol('thrown'),
  'an error whose getters throw': () =>
    Object.defineProperty(new Error('x'), 'message', {
      get() {
        throw new Error('a getter that throws, on purpose')
      },
    }),
  'an error that is its own cause': () => {
    const error = new Error('cyclic')
    error.cause = error
    return error
  },
  'a frozen error': () => Object.freeze(new Error('frozen')),
  'an error of a hundred kilobytes': () => new Error('x'.repeat(100_000)),
  'a proxy that refuses everything': () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error('a proxy that throws, on purpose')
        },
        getPrototypeOf() {
          throw new Error('a proxy that throws, on purpose')
        },
      },
    ),
}

/** A schema that takes positive numbers, and text that spells one. */
const positive: Schema<number | string, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => {
      const number = Number(value)
      return number > 0 ? { value: number } : { issues: [{ message: 'must be positive' }] }
    },
  },
}

const once = { retry: { retries: 0 }, queue: 'work' } as const

export const handler = chapter('B1', 'handlers', [
  rule('B1.1', 'what a handler returns is what its ticket gives', ['results'], async (stage) => {
    const { queue, hire } = company(stage)
    await hire([doubles])
    const ticket = await queue.enqueue(double, 21)
    assert.equal(await stage.time.until(ticket.result(), 'a result'), 42)
  }),

  rule('B1.2', 'a handler may be synchronous, asynchronous, and return nothing', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const [sync, async, nothing] = ['sync', 'async', 'nothing'].map((name) =>
      defineJob(name, { ...once, input: type<number>() }),
    )
    const worker = await hire([
      handle(sync!, () => 1),
      handle(async!, async () => {
        await Promise.resolve()
      }),
      handle(nothing!, () => undefined),
    ])
    const { completed, failed } = seen(worker)
    for (const definition of [sync!, async!, nothing!]) await queue.enqueue(definition, 1)
    await stage.time.eventually(() => completed.length === 3, 'three completions')
    assert.deepEqual(failed, [])
  }),

  rule('B1.3', 'the handler gets input, id, attempt and headers of its job', async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('facts', { ...once, input: type<object>() })
    const got: unknown[] = []
    await hire([
      handle(definition, (input, { job }) => {
        got.push({ input, id: job.id, attempt: job.attempt, failures: job.failures, headers: { ...job.headers } })
      }),
    ])
    const input = { text: '"\\ 漢字 😀 \u2028', list: [1, [2, { three: null }]], big: 2 ** 53 }
    await queue.enqueue(definition, input, { id: 'my-id', headers: { 'trace-id': 'abc' } })
    await stage.time.eventually(() => got.length > 0, 'the call of a handler')
    assert.deepEqual(got, [{ input, id: 'my-id', attempt: 1, failures: 0, headers: { 'trace-id': 'abc' } }])
  }),

  ...Object.entries(THROWN).map(([what, make], index): Case =>
    rule(`B1.${10 + index}`, `a handler that throws ${what} fails its job, and nothing else`, async (stage) => {
      const { queue, hire, seen } = company(stage)
      const definition = defineJob('throws', { ...once, input: type<number>() })
      const worker = await hire([
        handle(definition, () => {
          throw make()
        }),
        doubles,
      ])
      const { dead, completed } = seen(worker)
      const { id } = await queue.enqueue(definition, 1)
      await queue.enqueue(double, 1)
      await stage.time.eventually(() => dead.length > 0 && completed.length > 0, 'the end of both jobs')
      assert.deepEqual(dead, [id])
      if (stage.features.state) {
        const [record] = await queue.inspect.find([id])
        assert.deepEqual([record?.state, record?.errors.length], ['dead', 1])
        assert.ok(record!.errors[0]!.length < 65_536, `an error of ${record!.errors[0]!.length} characters was stored`)
      }
    }),
  ),

  rule(
    'B1.30',
    'the error that a job died of is told by its ticket, with name and message',
    ['state'],
    async (stage) => {
      const { queue, hire } = company(stage)
      const definition = defineJob('dies', { ...once, input: type<number>() })
      await hire([
        handle(definition, async () => {
          throw new RangeError('out of luck')
        }),
      ])
      const ticket = await queue.enqueue(definition, 1)
      await assert.rejects(stage.time.until(ticket.result(), 'a result'), (error) => {
        assert.ok(error instanceof JobDeadError, `rejected with ${String(error)}`)
        assert.deepEqual([(error.cause as Error).name, (error.cause as Error).message], ['RangeError', 'out of luck'])
        return true
      })
    },
  ),

  rule('B1.31', 'input that does not fit its schema is refused before it goes anywhere', async (stage) => {
    const { queue } = company(stage)
    const definition = defineJob('checked', { ...once, input: positive })
    await assert.rejects(queue.enqueue(definition, -1), /must be positive/)
    await stage.nothing('a job with invalid input was enqueued')
  }),

  rule('B1.32', 'the handler gets what the schema makes of the input', async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('parsed', { ...once, input: positive })
    const got: number[] = []
    await hire([handle(definition, (input) => void got.push(input))])
    await queue.enqueue(definition, '7')
    await stage.time.eventually(() => got.length > 0, 'the call of a handler')
    assert.deepEqual(got, [7])
  }),

  rule(
    'B1.33',
    'a payload that does not fit, or is not JSON, never reaches the handler and is not retried',
    ['state'],
    async (stage) => {
      const { hire } = company(stage)
      const definition = defineJob('checked', { queue: 'work', input: positive, retry: { retries: 5 } })
      const got: number[] = []
      await hire([handle(definition, (input) => void got.push(input))])
      const [bad, broken] = [
        await stage.given({ name: 'checked', payload: '-1' }),
        await stage.given({ name: 'checked', payload: '{"a":' }),
      ]
      await stage.given({ name: 'checked', payload: '3' })
      await stage.time.eventually(() => got.length > 0, 'the call of a handler')
      await stage.time.eventually(
        async () => (await stage.state(bad.id)) === 'dead',
        'the death of a job with invalid input',
      )
      await stage.time.eventually(
        async () => (await stage.state(broken.id)) === 'dead',
        'the death of a job that is not JSON',
      )
      assert.deepEqual(got, [3])
      assert.equal((await stage.record(bad.id)).attempt, 1)
    },
  ),

  rule('B1.34', 'a result that does not fit its schema is a failure that is not retried', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('bad-result', {
      queue: 'work',
      input: type<number>(),
      output: positive,
      retry: { retries: 5 },
    })
    await hire([handle(definition, () => -1)])
    const ticket = await queue.enqueue(definition, 1)
    await assert.rejects(stage.time.until(ticket.result(), 'a result'), JobDeadError)
    assert.equal((await stage.record(ticket.id)).attempt, 1)
  }),

  rule('B1.35', 'a result that JSON would change in silence is a failure', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('not-json', { ...once, input: type<string>(), output: type<unknown>() })
    const results: Record<string, unknown> = {
      nan: Number.NaN,
      date: new Date(0),
      bigint: 1n,
      map: new Map(),
      undefined: [undefined],
    }
    await hire([handle(definition, (which) => results[which])])
    for (const which of Object.keys(results)) {
      const ticket = await queue.enqueue(definition, which)
      await assert.rejects(
        stage.time.until(ticket.result(), 'a result'),
        JobDeadError,
        `${which} was stored as a result`,
      )
    }
  }),

  rule('B1.36', 'input that JSON would change in silence is refused, with its path', async (stage) => {
    const { queue } = company(stage)
    const definition = defineJob('not-json', { ...once, input: type<unknown>() })
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    for (const value of [Number.NaN, new Date(0), 1n, new Map(), undefined, () => {}, Symbol('s'), cyclic]) {
      await assert.rejects(queue.enqueue(definition, { deep: [value] }), /deep\[0\]/, `${typeof value} was taken`)
    }
    await stage.nothing('a job with a value that has no JSON form was enqueued')
  }),

  rule('B1.37', 'a timeout aborts the signal and counts as one failure', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('slow', { ...once, input: type<number>(), timeout: stage.time.unit })
    let reason: unknown
    const worker = await hire([
      handle(definition, async (_, { signal }) => {
        await aborted(signal)
        reason = signal.reason
        throw reason
      }),
    ])
    const { dead } = seen(worker)
    const { id } = await queue.enqueue(definition, 1)
    await stage.time.eventually(() => dead.length > 0, 'the death of a job that timed out')
    assert.ok(reason instanceof JobTimeoutError, `the signal aborted with ${String(reason)}`)
    const { failures, errors } = await stage.record(id)
    assert.deepEqual([failures <= 1, errors.length], [true, 1])
  }),

  rule('B1.38', 'a handler that never ends loses its slot after its timeout, and others go on', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('endless', { ...once, input: type<number>(), timeout: stage.time.unit })
    const worker = await hire([handle(definition, () => new Promise(() => {})), doubles], {
      concurrency: 1,
      abortGrace: stage.time.unit,
    })
    const { dead, abandoned, completed } = seen(worker)
    const { id } = await queue.enqueue(definition, 1)
    await queue.enqueue(double, 1)
    await stage.time.eventually(() => completed.length > 0, 'the job behind a handler that never ends')
    await stage.time.eventually(() => dead.length > 0, 'the outcome of a handler that never ends')
    assert.deepEqual([dead, abandoned], [[id], [id]])
  }),

  rule('B1.39', 'what a handler returns after its timeout is ignored', ['state'], async (stage) => {
    const { queue, hire, seen } = company(stage)
    const definition = defineJob('late', {
      ...once,
      input: type<number>(),
      output: type<number>(),
      timeout: stage.time.unit,
    })
    const { promise, resolve } = Promise.withResolvers<number>()
    const worker = await hire([handle(definition, () => promise)], { abortGrace: stage.time.unit })
    const { dead, completed } = seen(worker)
    const { id } = await queue.enqueue(definition, 1)
    await stage.time.eventually(() => dead.length > 0, 'the death of a job that timed out')
    resolve(1)
    await stage.time.pass(stage.time.unit)
    assert.deepEqual([completed, (await stage.record(id)).state], [[], 'dead'])
  }),

  rule('B1.40', 'progress and log can be read while the handler runs, and afterwards', ['state'], async (stage) => {
    const { queue, hire } = company(stage)
    const definition = defineJob('talks', { ...once, input: type<number>() })
    const { promise, resolve } = Promise.withResolvers<void>()
    await hire([
      handle(definition, async (_, { progress, log }) => {
        progress({ percent: 50 })
        log('half way')
        await promise
      }),
    ])
    const { id } = await queue.enqueue(definition, 1)
    await stage.time.eventually(async () => (await stage.record(id)).logs.length > 0, 'a log line')
    assert.equal((await stage.record(id)).progress, '{"percent":50}')
    resolve()
    await stage.time.eventually(async () => (await stage.state(id)) === 'completed', 'a completion')
    const { progress, logs } = await stage.record(id)
    assert.deepEqual([progress, (JSON.parse(logs[0]!) as { message: string }).message], ['{"percent":50}', 'half way'])
  }),

  rule('B1.41', 'a listener that throws harms neither jobs nor worker nor other listeners', async (stage) => {
    const { queue, hire, seen } = company(stage)
    const troubles: unknown[] = []
    const worker = await hire([doubles], { troubles })
    worker.on('completed', () => {
      throw new Error('a listener that throws, on purpose')
    })
    const after: unknown[] = []
    worker.on('completed', (job) => after.push(job))
    await queue.enqueue(double, 1)
    await queue.enqueue(double, 2)
    await stage.time.eventually(() => seen(worker).completed.length === 2, 'two completions')
    assert.equal(troubles.length, 2, 'the error of a listener was not reported')
    assert.equal(after.length, 2, 'a listener was not told because another one threw')
  }),
])
