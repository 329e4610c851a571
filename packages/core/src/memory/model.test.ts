import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Enqueued } from '../contract/backend.ts'
import type { JobState, Lease, NewJob } from '../contract/job.ts'
import type { Cancellation } from '../contract/operator.ts'
import type { Settled, Settlement } from '../contract/settlement.ts'
import { TOMBSTONE } from '../kit/tombstone.ts'
import { VirtualClock } from '../time/virtual-clock.ts'
import { memoryBackend } from './memory-backend.ts'

const never = new AbortController().signal
const FINAL = new Set<string>(['completed', 'dead', 'cancelled'])

interface Entry {
  readonly job: NewJob
  readonly at: number
  /** Whether it was claimed since it was enqueued or sent back to work. */
  begun: boolean
  state: 'open' | 'active' | 'completed' | 'dead' | 'cancelled'
  due: number
  leaseEnd: number
  leaseOrder: number
  attempt: number
  failures: number
  crashes: number
  redrives: number
  token: string
  settled: string[]
  cancelRequested: boolean
  finishedAt: number
  keep: number
}

/** The same promises kept in the plainest way: one array in the order of enqueueing, searched from end to end for everything. */
class Naive {
  entries: Entry[] = []
  paused = false
  now = 0
  #leases = 0

  #finished = (entry: Entry): boolean => FINAL.has(entry.state)
  #visible = (entry: Entry): boolean => !this.#finished(entry) || this.now < entry.finishedAt + entry.keep

  forget(): void {
    this.entries = this.entries.filter((entry) => {
      if (!this.#finished(entry)) return true
      const windowEnd = entry.at + (entry.job.unique?.within ?? 0)
      return this.now < Math.max(entry.finishedAt + Math.max(entry.keep, TOMBSTONE), entry.job.unique ? windowEnd : 0)
    })
  }

  find(id: string): Entry | undefined {
    return this.entries.find((entry) => entry.job.id === id && this.#visible(entry))
  }

  state(entry: Entry): JobState {
    if (entry.state !== 'open') return entry.state
    return entry.due <= this.now ? 'waiting' : 'scheduled'
  }

  inState(state: JobState): Entry[] {
    return this.entries.filter((entry) => this.#visible(entry) && this.state(entry) === state)
  }

  holder(key: string): Entry | undefined {
    return this.entries.find(
      ({ job, at, ...entry }) =>
        job.unique?.key === key && (!FINAL.has(entry.state) || this.now < at + (job.unique.within ?? 0)),
    )
  }

  enqueue(job: NewJob): Enqueued {
    if (this.entries.some((entry) => entry.job.id === job.id)) return { status: 'duplicate', of: job.id }
    const holder = job.unique === undefined ? undefined : this.holder(job.unique.key)
    if (holder !== undefined) return { status: 'duplicate', of: holder.job.id }
    this.entries.push({
      job,
      at: this.now,
      begun: false,
      state: 'open',
      due: this.now + (job.delay ?? 0),
      leaseEnd: 0,
      leaseOrder: 0,
      attempt: 0,
      failures: 0,
      crashes: 0,
      redrives: 0,
      token: '',
      settled: [],
      cancelRequested: false,
      finishedAt: 0,
      keep: 0,
    })
    return { status: 'enqueued' }
  }

  claim(limit: number, lease: number): { id: string; attempt: number; crashes: number; failures: number }[] {
    const claimed: Entry[] = []
    while (!this.paused && claimed.length < limit) {
      const entry = this.#expired() ?? this.#next()
      if (entry === undefined) break
      if (entry.state === 'active' && entry.crashes === 0) entry.crashes++
      entry.state = 'active'
      entry.attempt++
      entry.begun = true
      entry.leaseEnd = this.now + lease
      entry.leaseOrder = this.#leases++
      claimed.push(entry)
    }
    return claimed.map(({ job, attempt, crashes, failures }) => ({ id: job.id, attempt, crashes, failures }))
  }

  #expired(): Entry | undefined {
    const expired = this.entries.filter((entry) => entry.state === 'active' && entry.leaseEnd <= this.now)
    return expired.toSorted((a, b) => a.leaseEnd - b.leaseEnd || a.leaseOrder - b.leaseOrder)[0]
  }

  #next(): Entry | undefined {
    return this.entries
      .filter((entry) => this.state(entry) === 'waiting' && this.#headOf(entry) === entry)
      .toSorted((a, b) => (b.job.priority ?? 0) - (a.job.priority ?? 0))[0]
  }

  /** Who may run: the one that has begun since it joined the group, else the first of those that have not. */
  #headOf(entry: Entry): Entry {
    if (entry.job.group === undefined) return entry
    const group = this.entries.filter((other) => other.job.group === entry.job.group && !this.#finished(other))
    return group.find((other) => other.begun) ?? group[0]!
  }

  settle({ lease, ...settlement }: Settlement): Settled {
    const entry = this.entries.find(({ job }) => job.id === lease.id)
    if (entry === undefined) return 'lost'
    if (entry.state !== 'active' || entry.token !== lease.token) {
      return entry.settled.at(-1) === lease.token ? 'applied' : 'lost'
    }
    entry.settled.push(lease.token)
    entry.token = ''
    if (settlement.to === 'waiting') {
      entry.state = 'open'
      entry.due = this.now + settlement.delay
      if (settlement.counts === 'failure') entry.failures++
    } else {
      this.#finish(entry, settlement.to, settlement.keep)
    }
    for (const job of settlement.then ?? []) this.enqueue(job)
    return 'applied'
  }

  #finish(entry: Entry, state: 'completed' | 'dead' | 'cancelled', keep: number): void {
    entry.state = state
    entry.finishedAt = this.now
    entry.keep = keep
  }

  extend(lease: Lease, length: number): 'applied' | 'lost' | 'cancelled' {
    const entry = this.find(lease.id)
    if (entry?.state !== 'active' || entry.token !== lease.token) return 'lost'
    entry.leaseEnd = this.now + length
    entry.leaseOrder = this.#leases++
    return entry.cancelRequested ? 'cancelled' : 'applied'
  }

  cancel(id: string, keep: number): Cancellation {
    const entry = this.find(id)
    if (entry === undefined) return 'not-found'
    if (this.#finished(entry)) return 'finished'
    if (entry.state === 'active') {
      entry.cancelRequested = true
      return 'requested'
    }
    this.#finish(entry, 'cancelled', keep)
    return 'cancelled'
  }

  retry(id: string): boolean {
    const entry = this.find(id)
    if (entry === undefined) return false
    const state = this.state(entry)
    if (state === 'waiting' || state === 'active') return false
    if (state !== 'scheduled') {
      const holder = entry.job.unique === undefined ? undefined : this.holder(entry.job.unique.key)
      if (holder !== undefined && holder !== entry) return false
      Object.assign(entry, {
        begun: false,
        failures: 0,
        crashes: 0,
        redrives: entry.redrives + 1,
        cancelRequested: false,
      })
    }
    entry.state = 'open'
    entry.due = this.now
    return true
  }

  remove(id: string): boolean {
    const entry = this.find(id)
    if (entry === undefined || entry.state === 'active') return false
    this.entries.splice(this.entries.indexOf(entry), 1)
    return true
  }
}

const ids = fc.integer({ min: 0, max: 30 }).map((id) => `j${id}`)
/** No two of them can end at the same moment, which would leave the order open. */
const LEASES = [20.25, 60.5, 300.125]
const durations = fc.constantFrom(0, 0, 10, 50, 400)
const newJob = fc.record(
  {
    id: ids,
    queue: fc.constant('q'),
    name: fc.constant('n'),
    payload: fc.constant('1'),
    headers: fc.constant({}),
    delay: durations,
    priority: fc.nat(2),
    group: fc.constantFrom('g', 'h'),
    unique: fc.record({ key: fc.constantFrom('k', 'l'), within: durations }, { requiredKeys: ['key'] }),
  },
  { requiredKeys: ['id', 'queue', 'name', 'payload', 'headers'] },
)

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('enqueue' as const), jobs: fc.array(newJob, { maxLength: 6 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('claim' as const),
      limit: fc.integer({ min: 1, max: 4 }),
      lease: fc.constantFrom(...LEASES),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('settle' as const),
      /** Which of the leases given out so far, newest first. */
      lease: fc.nat(6),
      to: fc.constantFrom('completed' as const, 'dead' as const, 'cancelled' as const, 'waiting' as const),
      span: durations,
      failure: fc.boolean(),
      then: fc.array(newJob, { maxLength: 1 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('extend' as const), lease: fc.nat(6), span: fc.constantFrom(...LEASES) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('cancel' as const), id: ids, keep: durations }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('retry' as const), id: ids }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove' as const), id: ids }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pause' as const), paused: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('advance' as const), by: fc.constantFrom(1, 9, 20, 60, 400, TOMBSTONE) }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The backend answers as the model does. */
function agree(actual: unknown, expected: unknown): void {
  expect(actual).toEqual(expected)
}

async function play(steps: readonly Step[]): Promise<void> {
  const clock = new VirtualClock({ settle: async () => {} })
  const backend = memoryBackend({ clock })
  await backend.open()
  const model = new Naive()
  const leases: Lease[] = []

  for (const next of steps) {
    model.now = clock.now()
    model.forget()
    switch (next.type) {
      case 'enqueue':
        agree(
          await backend.enqueue(next.jobs),
          next.jobs.map((job) => model.enqueue(job)),
        )
        break
      case 'claim': {
        const claimed = await backend.claim({ queue: 'q', limit: next.limit, lease: next.lease, wait: 0 }, never)
        const expected = model.claim(next.limit, next.lease)
        agree(
          claimed.map(({ lease, attempt, crashes, failures }) => ({ id: lease.id, attempt, crashes, failures })),
          expected,
        )
        for (const { lease } of claimed) {
          leases.unshift(lease)
          model.find(lease.id)!.token = lease.token
        }
        break
      }
      case 'settle': {
        const lease = leases[next.lease]
        if (lease === undefined) break
        const { then, to, span } = next
        const settlement: Settlement =
          to === 'waiting'
            ? { lease, to, delay: span, counts: next.failure ? 'failure' : 'nothing', then }
            : to === 'dead'
              ? { lease, to, keep: span, error: 'e', then }
              : { lease, to, keep: span, then }
        agree(await backend.settle([settlement]), [model.settle(settlement)])
        break
      }
      case 'extend': {
        const lease = leases[next.lease]
        if (lease !== undefined) agree(await backend.extend([lease], next.span), [model.extend(lease, next.span)])
        break
      }
      case 'cancel':
        agree(await backend.operate.cancel([next]), [model.cancel(next.id, next.keep)])
        break
      case 'retry':
        agree(await backend.operate.retry([next.id]), [model.retry(next.id)])
        break
      case 'remove':
        agree(await backend.operate.remove([next.id]), [model.remove(next.id)])
        break
      case 'pause':
        model.paused = next.paused
        await (next.paused ? backend.operate.pause('q') : backend.operate.resume('q'))
        break
      case 'advance':
        await clock.advance(next.by)
    }
  }

  model.now = clock.now()
  const counts = await backend.inspect.counts('q')
  for (const state of ['waiting', 'scheduled', 'active', 'completed', 'dead', 'cancelled'] as const) {
    const expected = model.inState(state)
    agree({ state, count: counts[state] }, { state, count: expected.length })
    const { jobs } = await backend.inspect.list({ queue: 'q', state, limit: 100 })
    agree(
      jobs.map(({ id, attempt, redrives, cancelRequested }) => ({ id, attempt, redrives, cancelRequested })),
      expected.map(({ job, attempt, redrives, cancelRequested }) => ({
        id: job.id,
        attempt,
        redrives,
        cancelRequested,
      })),
    )
  }
}

it('keeps the same promises as the plainest model, whatever is done in whatever order', async () => {
  expect.hasAssertions()
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 80 }), play), { numRuns: 1000 })
})
