import type {
  Backend,
  CancelRequest,
  Cancellation,
  ClaimedJob,
  Clock,
  Enqueued,
  FinalState,
  Finished,
  JobRecord,
  JobState,
  Lease,
  Mover,
  Ms,
  NewJob,
  Report,
  Settled,
  Settlement,
  Stateful,
} from '@jobport/core/adapter'
import { TOMBSTONE } from '@jobport/core/adapter'

/** A job as it is remembered here: everything in one flat object. */
interface Entry {
  readonly job: NewJob
  readonly enqueuedAt: Ms
  state: 'open' | 'active' | FinalState
  due: Ms
  attempt: number
  failures: number
  crashes: number
  redrives: number
  begun: boolean
  cancelRequested: boolean
  token: string
  settled: string
  leaseEnd: Ms
  finishedAt: Ms
  keepUntil: Ms
  errors: string[]
  logs: string[]
  progress: string | undefined
  result: string | undefined
}

const FINAL: ReadonlySet<string> = new Set(['completed', 'dead', 'cancelled'])

/**
 * The contract in the plainest way there is: one array in the order of the enqueue, searched from end to end for everything, nothing remembered
 * twice. The oracle of the memory backend, which is the oracle of all others. It waits for nothing and cleans nothing up.
 */
export function naiveBackend(like: Pick<Backend, 'features' | 'limits'>, clock: Clock): Mover & Stateful {
  let entries: Entry[] = []
  let claims = 0
  let news: Finished[] = []
  const paused = new Set<string>()
  const watchers = new Set<(finished: readonly Finished[]) => void>()

  const isFinal = ({ state }: Entry): boolean => FINAL.has(state)
  const isRecord = (entry: Entry): boolean => !isFinal(entry) || clock.now() < entry.keepUntil
  const byId = (id: string): Entry | undefined => entries.find(({ job }) => job.id === id)
  const recordOf = (id: string): Entry | undefined => entries.find((entry) => entry.job.id === id && isRecord(entry))
  const stateOf = (entry: Entry): JobState =>
    entry.state !== 'open' ? entry.state : entry.due > clock.now() ? 'scheduled' : 'waiting'
  const holderOf = ({ queue, unique }: NewJob, except?: Entry): Entry | undefined =>
    entries.find(
      (entry) =>
        entry !== except &&
        unique !== undefined &&
        entry.job.queue === queue &&
        entry.job.unique?.key === unique.key &&
        (!isFinal(entry) || clock.now() < entry.enqueuedAt + (entry.job.unique.within ?? 0)),
    )
  const isHead = (entry: Entry): boolean =>
    entry.job.group === undefined ||
    !entries.some(
      (other) =>
        other !== entry &&
        other.job.queue === entry.job.queue &&
        other.job.group === entry.job.group &&
        !isFinal(other) &&
        (other.state === 'active' || entries.indexOf(other) < entries.indexOf(entry)),
    )

  function add(job: NewJob): Enqueued {
    const of = byId(job.id) ?? holderOf(job)
    if (of !== undefined) return { status: 'duplicate', of: of.job.id }
    const now = clock.now()
    const counters = { attempt: 0, failures: 0, crashes: 0, redrives: 0, begun: false, cancelRequested: false }
    const times = { enqueuedAt: now, due: now + (job.delay ?? 0), leaseEnd: 0, finishedAt: 0, keepUntil: 0 }
    entries.push({
      job,
      state: 'open',
      ...counters,
      ...times,
      token: '',
      settled: '',
      errors: [],
      logs: [],
      progress: undefined,
      result: undefined,
    })
    return { status: 'enqueued' }
  }

  function finish(entry: Entry, state: FinalState, keep: Ms): void {
    entry.state = state
    entry.finishedAt = clock.now()
    entry.keepUntil = clock.now() + keep
    news.push({ id: entry.job.id, queue: entry.job.queue, state })
  }

  function settle(settlement: Settlement): Settled {
    const { lease, to, then = [] } = settlement
    const entry = byId(lease.id)
    if (entry === undefined) return 'lost'
    if (entry.settled === lease.token) return 'applied'
    if (entry.state !== 'active' || entry.token !== lease.token) return 'lost'
    entry.settled = lease.token
    if (settlement.to === 'dead' || settlement.to === 'waiting') {
      if (settlement.error !== undefined) entry.errors.push(settlement.error)
    }
    if (settlement.to === 'completed') entry.result = settlement.result
    if (settlement.to === 'waiting') {
      entry.state = 'open'
      entry.due = clock.now() + settlement.delay
      if (settlement.counts === 'failure') entry.failures++
    } else finish(entry, to as FinalState, settlement.keep)
    for (const job of then) add(job)
    return 'applied'
  }

  function take(queue: string, limit: number, lease: Ms): readonly ClaimedJob[] {
    if (paused.has(queue)) return []
    const now = clock.now()
    const taken: Entry[] = []
    while (taken.length < limit) {
      const mine = entries.filter((entry) => entry.job.queue === queue && isHead(entry))
      const expired = mine.find((entry) => entry.state === 'active' && entry.leaseEnd <= now)
      const ready = mine.filter((entry) => stateOf(entry) === 'waiting')
      const highest = Math.max(...ready.map(({ job }) => job.priority ?? 0))
      const best = ready.filter(({ job }) => (job.priority ?? 0) === highest)
      const entry = expired ?? best.find(({ attempt }) => attempt > 0) ?? best[0]
      if (entry === undefined) break
      if (entry === expired && (entry.crashes === 0 || entry.begun)) entry.crashes++
      entry.state = 'active'
      entry.begun = false
      entry.attempt++
      entry.token = `${entry.attempt}:n${++claims}`
      entry.leaseEnd = now + lease
      taken.push(entry)
    }
    return taken.map((entry) => claimed(entry))
  }

  function claimed({
    job,
    token,
    attempt,
    failures,
    crashes,
    redrives,
    enqueuedAt,
    cancelRequested,
  }: Entry): ClaimedJob {
    const { id, queue, name, payload, headers } = job
    const lease = { id, queue, token }
    return { lease, name, payload, headers, attempt, failures, crashes, redrives, enqueuedAt, cancelRequested }
  }

  function held({ id, token }: Lease): Entry | undefined {
    return entries.find((entry) => entry.job.id === id && entry.state === 'active' && entry.token === token)
  }

  function report({ lease, progress, logs = [], begun }: Report): Settled {
    const entry = held(lease)
    if (entry === undefined) return 'lost'
    entry.progress = progress ?? entry.progress
    entry.logs.push(...logs)
    entry.begun ||= begun === true
    return 'applied'
  }

  function record(entry: Entry): JobRecord {
    const { job, attempt, failures, crashes, redrives, enqueuedAt, cancelRequested, errors, logs, progress, result } =
      entry
    const { id, queue, name, payload, headers, group, unique, priority = 0 } = job
    const kept = {
      errors: [...errors],
      logs: [...logs],
      ...(progress !== undefined && { progress }),
      ...(result !== undefined && { result }),
    }
    const place = { ...(group !== undefined && { group }), ...(unique !== undefined && { unique: unique.key }) }
    const counters = { attempt, failures, crashes, redrives, enqueuedAt, cancelRequested }
    return { id, queue, name, state: stateOf(entry), payload, headers, priority, ...place, ...counters, ...kept }
  }

  function cancel({ id, keep, then = [] }: CancelRequest): Cancellation {
    const entry = recordOf(id)
    if (entry === undefined) return 'not-found'
    if (isFinal(entry)) return 'finished'
    if (entry.state === 'active') {
      entry.cancelRequested = true
      return 'requested'
    }
    finish(entry, 'cancelled', keep)
    for (const job of then) add(job)
    return 'cancelled'
  }

  function retry(id: string): boolean {
    const entry = recordOf(id)
    if (entry === undefined || entry.state === 'active' || stateOf(entry) === 'waiting') return false
    if (isFinal(entry)) {
      if (holderOf(entry.job, entry) !== undefined) return false
      Object.assign(entry, {
        failures: 0,
        crashes: 0,
        redrives: entry.redrives + 1,
        cancelRequested: false,
        result: undefined,
      })
    }
    entry.state = 'open'
    entry.due = clock.now()
    return true
  }

  function remove(id: string): boolean {
    const entry = recordOf(id)
    if (entry === undefined || entry.state === 'active') return false
    entries = entries.filter((other) => other !== entry)
    return true
  }

  function forget(): void {
    entries = entries.filter((entry) => {
      const { job, enqueuedAt, keepUntil, finishedAt } = entry
      const knownUntil = Math.max(keepUntil, finishedAt + TOMBSTONE, enqueuedAt + (job.unique?.within ?? 0))
      return !isFinal(entry) || clock.now() < knownUntil
    })
  }

  /** Each verb runs to its end, then the watchers hear what has finished. */
  async function verb<T>(run: () => T): Promise<T> {
    forget()
    const answer = run()
    const told = news
    news = []
    if (told.length > 0) for (const watcher of watchers) watcher(told)
    return answer
  }

  const records = (queue: string, state: JobState): Entry[] =>
    entries.filter((entry) => entry.job.queue === queue && isRecord(entry) && stateOf(entry) === state)

  return {
    name: 'naive',
    features: { ...like.features, transactions: false },
    limits: like.limits,
    open: async () => {},
    close: async () => {},
    health: async () => ({ reachable: true, durability: 'none', warnings: [] }),
    enqueue: (jobs) => verb(() => jobs.map(add)),
    claim: ({ queue, limit, lease }) => verb(() => take(queue, limit, lease)),
    settle: (settlements) => verb(() => settlements.map(settle)),
    exchange: (settlements, { queue, limit, lease }) =>
      verb(() => ({ settled: settlements.map(settle), claimed: take(queue, limit, lease) })),
    extend: (leases, lease) =>
      verb(() =>
        leases.map((each) => {
          const entry = held(each)
          if (entry === undefined) return 'lost'
          entry.leaseEnd = clock.now() + lease
          return entry.cancelRequested ? 'cancelled' : 'applied'
        }),
      ),
    report: (reports) => verb(() => reports.map(report)),
    inspect: {
      find: (ids) => verb(() => ids.map(recordOf).map((entry) => entry && record(entry))),
      list: ({ queue, state }) => verb(() => ({ jobs: records(queue, state).map(record) })),
      counts: (queue) =>
        verb(() => {
          const count = (state: JobState): number => records(queue, state).length
          const [waiting, scheduled, active] = [count('waiting'), count('scheduled'), count('active')]
          const [completed, dead, cancelled] = [count('completed'), count('dead'), count('cancelled')]
          return { waiting, scheduled, active, completed, dead, cancelled, oldest: 0, paused: paused.has(queue) }
        }),
      queues: () => verb(() => [...new Set(entries.filter(isRecord).map(({ job }) => job.queue))].toSorted()),
      watch: async (listener) => {
        watchers.add(listener)
        return async () => void watchers.delete(listener)
      },
    },
    operate: {
      cancel: (requests) => verb(() => requests.map(cancel)),
      retry: (ids) => verb(() => ids.map(retry)),
      remove: (ids) => verb(() => ids.map(remove)),
      pause: (queue) => verb(() => void paused.add(queue)),
      resume: (queue) => verb(() => void paused.delete(queue)),
      purge: ({ queue, state, limit }) =>
        verb(
          () =>
            records(queue, state)
              .slice(0, limit)
              .filter(({ job }) => remove(job.id)).length,
        ),
    },
  }
}
