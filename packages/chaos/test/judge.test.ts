import { describe, expect, test } from 'vitest'
import type { EventOf, HistoryEvent } from '../src/history/event.ts'
import { judge } from '../src/judge/judge.ts'
import { jobPlans } from '../src/plan/job-plan.ts'
import { GRACE, LEASE, RELAY, type BackendName } from '../src/plan/setting.ts'
import { deliveryOf, lifeOf } from './life.ts'

const JOBS = 15
const setting = { seed: 1, jobs: JOBS, kills: 0 } as const

/** Fifteen jobs, one after the other, with all that follows from them. */
function wellDone(): HistoryEvent[] {
  const lives = jobPlans(JOBS).flatMap(({ id, kind, retries }, index) => {
    const at = 1_000 * index
    if (kind === 'followed') {
      const follower = `${id}:follow-up:x`
      return [...lifeOf(id, { at }), ...lifeOf(follower, { at: at + 100, key: `after ${id}`, name: 'chaos.follower' })]
    }
    if (kind === 'notified') return [...lifeOf(id, { at }), ...deliveryOf(id, 'completed', at + 100)]
    if (kind === 'dying')
      return [...lifeOf(id, { at, to: 'dead', failures: retries }), ...deliveryOf(id, 'dead', at + 100)]
    return lifeOf(id, { at })
  })
  return [...lives, { at: 99_000, by: 'world', type: 'counts', queue: 'work', open: 0 }]
}

function verdict(history: readonly HistoryEvent[], backend: BackendName = 'sqlite'): readonly string[] {
  const sorted = history.toSorted((a, b) => a.at - b.at)
  return judge({ ...setting, backend }, sorted).violations.map(({ promise, how }) => `${promise}: ${how}`)
}

/** The history with some events left out. */
function without(history: HistoryEvent[], isOut: (event: HistoryEvent) => boolean): HistoryEvent[] {
  return history.filter((event) => !isOut(event))
}

/** The history with the record of a job changed. */
function recorded(history: HistoryEvent[], id: string, change: Partial<EventOf<'record'>['record']>): HistoryEvent[] {
  return history.map((event) =>
    event.type === 'record' && event.record.id === id ? { ...event, record: { ...event.record, ...change } } : event,
  )
}

const isOf = (id: string) => (event: HistoryEvent) =>
  ('id' in event && event.id === id) ||
  (event.type === 'claimed' && event.jobs.some((job) => job.id === id)) ||
  (event.type === 'record' && event.record.id === id) ||
  ((event.type === 'settle' || event.type === 'settled') && event.by === `worker of ${id}`)

const isRecord = (event: HistoryEvent): boolean => event.type === 'record' && event.record.id === 'job-0'
const isEnqueue = (event: HistoryEvent): boolean => event.type === 'accepted' && event.id === 'job-0'
const isEnd = (event: HistoryEvent): boolean => event.type === 'end' && event.id === 'job-0'
const isSettle = (event: HistoryEvent): boolean => event.type === 'settle' && event.by === 'worker of job-0'
const isSettled = (event: HistoryEvent): boolean => event.type === 'settled' && event.by === 'worker of job-0'
const isDelivery = (event: HistoryEvent): boolean => event.type === 'deliver' && event.id === 'job-4'
const isNew = (event: HistoryEvent): boolean => event.type === 'enqueue' || event.type === 'accepted'

test('a history in which all goes well keeps every promise', () => {
  expect(verdict(wellDone())).toEqual([])
})

test('storage: an accepted job that is gone, that never ends, that became two, that came from nowhere', () => {
  const history = wellDone()
  expect(verdict(without(history, isRecord))).toContain('storage: job-0 was accepted and is gone')
  expect(verdict(recorded(history, 'job-0', { state: 'waiting' }))).toContain(
    'storage: job-0 never ended: it is waiting',
  )
  const twin = lifeOf('twin', { at: 50_000, key: 'job-0' })
  expect(verdict([...history, ...twin])).toContain('storage: job-0 became two jobs, job-0 and twin')
  expect(verdict([...history, ...lifeOf('job-99', { at: 50_000 })])).toContain('storage: job-99 came from nowhere')
  expect(verdict(without(history, isEnqueue))).toContain('storage: job-0 was never accepted')
})

test('claims: a job in two hands, twice under one number, or after it was finished', () => {
  const second = lifeOf('job-0', { at: 30, attempt: 2, by: 'other', unanswered: true })
  expect(
    verdict([...without(wellDone(), isOf('job-0')), ...lifeOf('job-0', { at: 0, unsettled: true }), ...second]),
  ).toContainEqual(expect.stringMatching(/^claims: job-0 was handed to other while worker of job-0 had its lease/))
  const again = lifeOf('job-0', { at: 50_000, by: 'other' })
  expect(verdict([...wellDone(), ...again])).toContain(
    'claims: job-0 was handed out twice as attempt 1, to worker of job-0 and other',
  )
  const later = lifeOf('job-0', { at: 50_000, attempt: 2, by: 'other' })
  expect(verdict([...wellDone(), ...later])).toContain('claims: job-0 was completed and was handed to other')
})

test('fence: a late settlement that is applied; and so the job is settled twice', () => {
  const first = lifeOf('job-0', { at: 0, lasts: LEASE + 500 })
  const second = lifeOf('job-0', { at: LEASE + 100, attempt: 2, by: 'other' })
  const told = verdict([...without(wellDone(), isOf('job-0')), ...first, ...second])
  expect(told).toContain(
    'fence: job-0: attempt 1 of worker of job-0 does not hold the job any more, and its settlement to completed was applied',
  )
  expect(told).toContain('outcomes: job-0 was settled twice, by attempts 1 and 2')
})

test('outcomes: completed without its handler, settled by nobody, the result of another attempt', () => {
  expect(verdict(without(wellDone(), isEnd))).toContain(
    'outcomes: job-0 is completed, but the handler of attempt 1 has not returned',
  )
  expect(verdict(without(wellDone(), (event) => isSettle(event) || isSettled(event)))).toContain(
    'outcomes: job-0 is completed, but nobody settled it so',
  )
  expect(verdict(recorded(wellDone(), 'job-0', { result: '{"attempt":7}' }))).toContain(
    'outcomes: job-0 is completed, but the result is of attempt 7, not 1',
  )
})

/** The verdict when the one attempt of job-0 is another. */
function counted(change: object): readonly string[] {
  return verdict([...without(wellDone(), isOf('job-0')), ...lifeOf('job-0', { at: 0, ...change })])
}

test('retries: failures and crashes that nobody caused, a start after too many crashes, a death too early', () => {
  expect(counted({ failures: 1 })).toContain('retries: job-0: attempt 1 was told of 1 failures, and there were 0 to 0')
  expect(counted({ failures: 9 })).toContain('retries: job-0 is tried again after 9 failures, with 3 retries')
  expect(counted({ crashes: 1 })).toContain(
    'retries: job-0: attempt 1 was told of 1 crashes, and 0 ended without a word',
  )
  expect(counted({ crashes: 3 })).toContain('retries: job-0 was started after 3 crashes')
  expect(counted({ to: 'dead' })).toContain('retries: job-0 is dead after 0 failures, with 3 retries, and 0 crashes')
})

test('groups: the next is handed out before the one before it is finished', () => {
  const late = lifeOf('job-1', { at: 11_000, lasts: 500 })
  expect(verdict([...without(wellDone(), isOf('job-1')), ...late])).toContain(
    'groups: job-11 was handed out before job-1 of its group was finished',
  )
})

test('unique: a second holder, and a duplicate of what is finished', () => {
  const slow = lifeOf('job-3', { at: 3_000, lasts: 6_000 })
  expect(verdict([...without(wellDone(), isOf('job-3')), ...slow])).toContain(
    'unique: job-8 was stored while job-3 held its unique key',
  )
  const refused = wellDone().map((event) =>
    event.type === 'accepted' && event.id === 'job-8' ? { ...event, of: 'job-3' } : event,
  )
  expect(verdict(refused)).toContain('unique: job-8 was called a duplicate of job-3, which was finished')
})

test('follow-ups: none, and one too many', () => {
  const follower = 'job-7:follow-up:x'
  expect(verdict(without(wellDone(), isOf(follower)))).toContain(
    'follow-ups: job-7 is completed and followed by 0 jobs instead of 1',
  )
  const second = lifeOf('another', { at: 60_000, key: 'after job-7', name: 'chaos.follower' })
  expect(verdict([...wellDone(), ...second])).toContain(
    'follow-ups: job-7 is completed and followed by 2 jobs instead of 1',
  )
})

test('notifications: none, two ids for one outcome, and one of what is not so', () => {
  expect(verdict(without(wellDone(), isDelivery))).toContain(
    'notifications: job-4 is completed and was announced by 0 notifications instead of 1',
  )
  const delivery = { by: 'notifier', type: 'deliver', notification: 'n', id: 'job-4' } as const
  expect(verdict([...wellDone(), { ...delivery, at: 70_000, outcome: 'completed' }])).toContain(
    'notifications: job-4 is completed and was announced by 2 notifications instead of 1',
  )
  expect(verdict([...wellDone(), { ...delivery, at: 70_000, outcome: 'dead' }])).toContain(
    'notifications: job-4 was announced dead, and is completed',
  )
  expect(verdict([...wellDone(), { ...delivery, at: 1, outcome: 'completed' }])).toContain(
    'notifications: job-4 was announced before it was settled',
  )
})

test('recovery: a lease that is over while somebody waits, or is given other jobs', () => {
  const from = 40_000
  const lapsed = [
    ...without(wellDone(), isOf('job-0')),
    ...lifeOf('job-0', { at: from, unsettled: true }),
    { at: from + 20, by: 'world', type: 'kill', process: 'worker of job-0' } as const,
    ...lifeOf('job-0', { at: from + LEASE + 5_000, attempt: 2, crashes: 1, by: 'other' }),
  ]
  expect(verdict(lapsed)).toEqual([])
  const claim = { by: 'third', type: 'claimed', call: 1, queue: 'work', limit: 1, jobs: [] } as const
  const waited = { ...claim, since: from + LEASE + 100, at: from + LEASE + 2_000, wait: 1_900 }
  expect(verdict([...lapsed, waited])).toContain(
    'recovery: job-0: its lease had ended, jobs were waited for during 1900 ms, and it did not come',
  )
  const short = [600, 1_000, 1_800].map((since) => ({
    ...claim,
    since: from + LEASE + since,
    at: from + LEASE + since + 600,
    wait: 600,
  }))
  expect(verdict([...lapsed, ...short])).toContain(
    'recovery: job-0: its lease had ended, jobs were waited for during 1600 ms, and it did not come',
  )
  const trouble = [
    { at: from + LEASE, by: 'world', type: 'trouble', what: 'restart server' },
    { at: from + LEASE + 2_000, by: 'world', type: 'relief', what: 'restart server' },
  ] as const
  expect(verdict([...lapsed, waited, ...trouble])).toEqual([])
  const other = without(lifeOf('job-14', { at: from + LEASE + 3_000, by: 'third' }), isNew)
  expect(verdict([...lapsed, ...other])).toContain(
    'recovery: job-0: its lease had ended, and third was given jobs that were new',
  )
})

test('recovery with a broker: a relay more, and a grace where a process fell that may have been about to send the job', () => {
  const from = 40_000
  const lease = from + LEASE + 20
  const lapsed = (after: number): HistoryEvent[] => [
    ...without(wellDone(), isOf('job-0')),
    ...lifeOf('job-0', { at: from, unsettled: true }),
    { at: from + 20, by: 'world', type: 'kill', process: 'worker of job-0' },
    {
      at: lease + after,
      by: 'third',
      type: 'claimed',
      call: 1,
      queue: 'work',
      since: lease,
      wait: 9_000,
      limit: 1,
      jobs: [],
    },
    ...lifeOf('job-0', { at: lease + after, attempt: 2, crashes: 1, by: 'other' }),
  ]
  const latest = 1_000 + RELAY
  expect(verdict(lapsed(latest - 100), 'rabbitmq')).toEqual([])
  expect(verdict(lapsed(latest + 100), 'rabbitmq')).toContain(
    `recovery: job-0: its lease had ended, jobs were waited for during ${latest + 100} ms, and it did not come`,
  )
  const fall = { at: lease + 500, by: 'world', type: 'kill', process: 'fourth' } as const
  expect(verdict([...lapsed(latest + GRACE), fall], 'rabbitmq')).toEqual([])
  expect(verdict([...lapsed(latest + GRACE + RELAY + 2_000), fall], 'rabbitmq')).toContainEqual(
    expect.stringMatching(/^recovery: job-0: its lease had ended/),
  )
  const { again } = judge(
    { ...setting, backend: 'rabbitmq' },
    [...lapsed(latest + GRACE), fall].toSorted((a, b) => a.at - b.at),
  ).figures.recovery
  expect(again.count).toBe(1)
})

test('graceful: a process that ends by itself, one that takes its time, one that keeps a job', () => {
  const exit = { by: 'world', type: 'exit', process: 'worker-0.1', how: '1' } as const
  expect(verdict([...wellDone(), { ...exit, at: 5 }])).toContain('graceful: worker-0.1 ended with status 1')
  const asked = { at: 10_000, by: 'world', type: 'terminate', process: 'worker-0.1' } as const
  const closed = { at: 40_000, by: 'worker-0.1', type: 'closed' } as const
  expect(verdict([...wellDone(), asked, closed])).toContain('graceful: worker-0.1 took 30000 ms to close')
  const kept = [
    ...without(wellDone(), isOf('job-0')),
    ...lifeOf('job-0', { at: 0, unsettled: true }),
    { at: 20, by: 'worker of job-0', type: 'closed' } as const,
    ...lifeOf('job-0', { at: LEASE + 100, attempt: 2, crashes: 1, by: 'other' }),
  ]
  expect(verdict(kept)).toContain('graceful: job-0 was held by worker of job-0, which closed without a word of it')
})

test('quiescence: jobs that are left, and nobody to count them', () => {
  const left = { at: 99_001, by: 'world', type: 'counts', queue: 'work', open: 2 } as const
  expect(verdict([...wellDone(), left])).toContain('quiescence: 2 jobs of queue work are still open')
  expect(verdict(without(wellDone(), ({ type }) => type === 'counts'))).toContain(
    'quiescence: nobody could count what is left',
  )
})

const letter = (id: string): HistoryEvent => ({ at: 99_500, by: 'world', type: 'dead letter', id })
const doneAlone = (): HistoryEvent[] => [...without(wellDone(), ({ type }) => type === 'record'), letter('job-14')]
const told = (history: readonly HistoryEvent[]): readonly string[] => verdict(history, 'rabbitmq-groups')
const toldOf = (change: object): readonly string[] =>
  told([...without(doneAlone(), isOf('job-0')), ...lifeOf('job-0', { at: 0, ...change })])

describe('a broker alone', () => {
  test('a history in which all goes well keeps every promise, also when a finished job comes again', () => {
    expect(told(doneAlone())).toEqual([])
    expect(told([...doneAlone(), ...lifeOf('job-1', { at: 50_000, attempt: 2, by: 'other' })])).toEqual([])
  })

  test('outcomes: none, dead and not among the dead letters, a dead letter of nobody, a job from nowhere', () => {
    const unsettled = [...without(doneAlone(), isOf('job-0')), ...lifeOf('job-0', { at: 0, unsettled: true })]
    expect(told(unsettled)).toContain('outcomes: job-0 has no outcome, and was handed out 1 times')
    expect(told(without(doneAlone(), ({ type }) => type === 'dead letter'))).toContain(
      'outcomes: job-14 is dead and not among the dead letters',
    )
    expect(told([...doneAlone(), letter('job-0')])).toContain(
      'outcomes: job-0 is among the dead letters, and nobody said that it is dead',
    )
    expect(told([...doneAlone(), ...without(lifeOf('job-99', { at: 50_000 }), isNew)])).toContain(
      'outcomes: job-99 came from nowhere',
    )
    expect(told(without(doneAlone(), isEnqueue))).toContain('outcomes: job-0 was never accepted')
  })

  test('retries: more failures than it has retries, or than attempts, and a death too early', () => {
    expect(toldOf({ failures: 9 })).toContain('retries: job-0 is tried again after 9 failures, with 3 retries')
    expect(toldOf({ failures: 1 })).toContain(
      'retries: job-0: attempt 1 was told of 1 failures, more than there were attempts',
    )
    expect(toldOf({ to: 'dead' })).toContain('retries: job-0 is dead after 0 failures, with 3 retries, and 0 crashes')
  })

  test('groups: the next before the one before it has an outcome, and two at once where no connection was lost', () => {
    const late = [...without(doneAlone(), isOf('job-1')), ...lifeOf('job-1', { at: 11_000, lasts: 500 })]
    expect(told(late)).toContain('groups: job-11 was handed out before job-1 of its group had an outcome')
    const both = [...doneAlone(), ...lifeOf('job-1', { at: 10_900, attempt: 2, by: 'other', lasts: 500 })]
    expect(told(both)).toContain('groups: job-11 was handed out while other was at work on job-1 of its group')
    for (const process of ['other', 'worker of job-11'])
      expect(told([...both, { at: 11_000, by: 'world', type: 'stop', process }])).toEqual([])
  })

  test('what follows: no follower, and nobody told', () => {
    expect(told(without(doneAlone(), isOf('job-7:follow-up:x')))).toContain(
      'what follows: job-7 is completed, and nothing followed',
    )
    expect(told(without(doneAlone(), isDelivery))).toContain('what follows: job-4 is completed, and nobody was told')
  })
})
