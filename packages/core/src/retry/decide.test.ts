import { describe, expect, it } from 'vitest'
import { InvalidValueError } from '../errors/schema-error.ts'
import { exponential, fixed, linear, type Backoff, type BackoffFunction } from './backoff.ts'
import { RetryLater, Unrecoverable } from './control.ts'
import { decide, type Attempted } from './decide.ts'
import { toPolicy, type RetryOptions } from './policy.ts'

const lease = { id: 'j', queue: 'q', token: '1:a' }
const threw = (error: unknown): Attempted => ({ kind: 'failed', error, encoded: '{"name":"Error"}' })
const policy = (retry: RetryOptions = {}) =>
  toPolicy({ retry, keep: { completed: 10, dead: 20, cancelled: 30 } }, false)

describe('decide', () => {
  it.each<[string, number, RetryOptions, Attempted, object]>([
    ['completes', 0, {}, { kind: 'completed' }, { to: 'completed', keep: 10 }],
    ['completes with a result', 3, {}, { kind: 'completed', result: '1' }, { to: 'completed', result: '1', keep: 10 }],
    ['cancels', 0, {}, { kind: 'cancelled' }, { to: 'cancelled', keep: 30 }],
    [
      'returns unharmed',
      9,
      {},
      { kind: 'returned', delay: 7, reason: 'snoozed' },
      { to: 'waiting', delay: 7, counts: 'nothing' },
    ],
    ['buries the hopeless', 0, {}, { kind: 'hopeless', error: 0, encoded: 'x' }, { to: 'dead', error: 'x', keep: 20 }],
    ['retries the first failure', 0, { backoff: fixed(5) }, threw(0), { to: 'waiting', delay: 5, counts: 'failure' }],
    ['retries the last retry', 4, { backoff: fixed(5) }, threw(0), { to: 'waiting', delay: 5 }],
    ['is dead after five retries by default', 5, {}, threw(0), { to: 'dead', keep: 20 }],
    ['is dead at once without retries', 0, { retries: 0 }, threw(0), { to: 'dead' }],
    ['obeys RetryLater', 0, {}, threw(new RetryLater('2m')), { to: 'waiting', delay: 120_000, counts: 'failure' }],
    ['counts RetryLater', 5, {}, threw(new RetryLater('2m')), { to: 'dead' }],
    ['obeys Unrecoverable', 0, {}, threw(new Unrecoverable('no')), { to: 'dead' }],
    ['never retries invalid values', 0, {}, threw(new InvalidValueError('input', 'j', [])), { to: 'dead' }],
    ['lets the error decide: dead', 0, { onError: () => 'dead' }, threw(0), { to: 'dead' }],
    ['lets the error decide: retry', 0, { onError: () => 'retry', backoff: fixed(5) }, threw(0), { delay: 5 }],
    ['lets the error decide: later', 0, { onError: () => ({ after: '1s' }) }, threw(0), { delay: 1_000 }],
    ['leaves it to the policy', 0, { onError: () => undefined, backoff: fixed(5) }, threw(0), { delay: 5 }],
    ['asks a backoff function', 1, { backoff: ({ failures }) => failures * 100 }, threw(0), { delay: 200 }],
    [
      'survives a function that throws',
      0,
      {
        backoff: () => {
          throw new Error('oops')
        },
      },
      threw(0),
      { to: 'waiting', delay: 1_000 },
    ],
  ])('%s', (_, failures, retry, attempted, expected) => {
    expect(decide({ lease, failures }, policy(retry), attempted, () => 0)).toMatchObject({ lease, ...expected })
  })
})

const delays = (backoff: Backoff | BackoffFunction, random = 0): number[] =>
  [0, 1, 2, 3, 4].map((failures) => {
    const settlement = decide({ lease, failures }, policy({ retries: 9, backoff }), threw(0), () => random)
    return settlement.to === 'waiting' ? settlement.delay : NaN
  })

describe('backoff', () => {
  it.each<[string, Backoff, number, number[]]>([
    ['fixed', fixed('1s'), 0.9, [1_000, 1_000, 1_000, 1_000, 1_000]],
    ['linear', linear({ initial: '1s', max: '3s' }), 0, [1_000, 2_000, 3_000, 3_000, 3_000]],
    ['linear with a step', linear({ initial: 10, step: 1 }), 0, [10, 11, 12, 13, 14]],
    ['exponential', exponential({ max: '5s' }), 0, [1_000, 2_000, 4_000, 5_000, 5_000]],
    ['exponential with all its jitter', exponential({ jitter: 1 }), 0.999_999, [0, 0, 0, 0, 0]],
    ['exponential with half its jitter', exponential({ jitter: 0.5 }), 0.5, [750, 1_500, 3_000, 6_000, 12_000]],
  ])('%s', (_, backoff, random, expected) => {
    expect(delays(backoff, random)).toEqual(expected)
  })

  it('stays within its longest delay after any number of failures', () => {
    const settlement = decide({ lease, failures: 5_000 }, policy({ retries: 9_999 }), threw(0), () => 0)
    expect(settlement).toMatchObject({ to: 'waiting', delay: 3_600_000 })
  })

  it.each([
    ['jitter', () => fixed(1, { jitter: 2 })],
    ['factor', () => exponential({ factor: 0.5 })],
    ['initial', () => exponential({ initial: 0 })],
    ['delay', () => fixed(-1)],
  ])('refuses a %s that makes no sense', (option, make) => {
    expect(make).toThrow(`backoff.${option}`)
  })
})
