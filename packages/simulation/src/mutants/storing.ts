import type { ClaimedJob, Lease, NewJob, Settlement } from '@jobport/core/adapter'
import { changed } from './changed.ts'
import type { FullBackend, Mutant, Surroundings } from './mutant.ts'

export const noDedup: Mutant = {
  name: 'no dedup by id',
  flaw: 'an id that is known makes a second job',
  shows: /^storage: .*(was enqueued twice|became two jobs|came from nowhere|never enqueued)/,
  server(backend) {
    let copies = 0
    return changed(backend, {
      enqueue: async (jobs) => {
        const replies = await backend.enqueue(jobs)
        return Promise.all(
          replies.map(async (reply, index) => {
            const job = jobs[index]!
            if (reply.status !== 'duplicate' || reply.of !== job.id) return reply
            const [copy] = await backend.enqueue([{ ...job, id: `${job.id}~${++copies}` }])
            return copy!
          }),
        )
      },
    })
  },
}

/** How long such a backend takes from the first step to the second. */
const BETWEEN = 20

export const requeueInTwoSteps: Mutant = {
  name: 'requeue in two steps',
  flaw: 'a returned job is removed, then enqueued again by the worker; a crash in between loses it',
  shows: /^storage: .*is gone/,
  server: inTwoSteps,
}

function inner(lease: Lease): Lease {
  return { ...lease, token: lease.token.slice(lease.token.indexOf(':') + 1) }
}

function inTwoSteps(backend: FullBackend, { clock, caller, isAlive }: Surroundings): FullBackend {
  const held = new Map<string, ClaimedJob>()
  /** What the copies do not remember of their originals. */
  const before = new Map<string, { readonly attempt: number; readonly failures: number; readonly crashes: number }>()
  const none = { attempt: 0, failures: 0, crashes: 0 }

  function seen(jobs: readonly ClaimedJob[]): readonly ClaimedJob[] {
    return jobs.map((job) => {
      const { id, token } = job.lease
      const past = before.get(id) ?? none
      const attempt = job.attempt + past.attempt
      const lease: Lease = { ...job.lease, token: `${attempt}:${token}` }
      const shown: ClaimedJob = {
        ...job,
        lease,
        attempt,
        failures: job.failures + past.failures,
        crashes: job.crashes + past.crashes,
      }
      held.set(id, shown)
      return shown
    })
  }

  async function settle(settlement: Settlement): Promise<'applied' | 'lost'> {
    const lease = inner(settlement.lease)
    if (settlement.to !== 'waiting') {
      const [reply] = await backend.settle([{ ...settlement, lease }])
      return reply as 'applied' | 'lost'
    }
    const by = caller()
    const job = held.get(lease.id)!
    const [reply] = await backend.settle([{ lease, to: 'cancelled', keep: 1_000_000 }])
    if (reply !== 'applied' || job.lease.token !== settlement.lease.token) return reply as 'lost'
    await backend.operate.remove([lease.id])
    const failures = job.failures + (settlement.counts === 'failure' ? 1 : 0)
    before.set(lease.id, { attempt: job.attempt, failures, crashes: job.crashes })
    const { name, payload, headers, policy, priority, group } = job
    const again: NewJob = {
      id: lease.id,
      queue: lease.queue,
      name,
      payload,
      headers,
      delay: settlement.delay,
      ...(policy !== undefined && { policy }),
      ...(priority !== undefined && { priority }),
      ...(group !== undefined && { group }),
    }
    clock.schedule(BETWEEN, () => {
      if (isAlive(by)) void backend.enqueue([again])
    })
    return 'applied'
  }

  return changed(backend, {
    exchange: undefined,
    claim: async (request, signal) => seen(await backend.claim(request, signal)),
    extend: (leases, lease) => backend.extend(leases.map(inner), lease),
    settle: (settlements) => Promise.all(settlements.map(settle)),
    report: (reports: Parameters<FullBackend['report']>[0]) =>
      backend.report(reports.map((report) => ({ ...report, lease: inner(report.lease) }))),
    inspect: changed(backend.inspect, {
      list: async (query) => {
        const { jobs } = await backend.inspect.list(query)
        return {
          jobs: jobs.map((job) => {
            const past = before.get(job.id) ?? none
            return {
              ...job,
              attempt: job.attempt + past.attempt,
              failures: job.failures + past.failures,
              crashes: job.crashes + past.crashes,
            }
          }),
        }
      },
    }),
  })
}

export const sweeper: Mutant = {
  name: 'sweeper',
  flaw: 'expired leases are found by a sweep every 20 s, not by whoever claims',
  shows: /^recovery: /,
  server: (backend) =>
    changed(backend, {
      exchange: undefined,
      claim: (request, signal) => backend.claim({ ...request, lease: request.lease + 20_000 }, signal),
      extend: (leases, lease) => backend.extend(leases, lease + 20_000),
    }),
}

export const noGroups: Mutant = {
  name: 'no groups',
  flaw: 'jobs of one group overtake each other',
  shows: /^groups: /,
  server: (backend) =>
    changed(backend, { enqueue: (jobs) => backend.enqueue(jobs.map((job) => without(job, 'group'))) }),
}

export const noUnique: Mutant = {
  name: 'no unique keys',
  flaw: 'a unique key can have several holders',
  shows: /^unique: .*held its unique key/,
  server: (backend) =>
    changed(backend, { enqueue: (jobs) => backend.enqueue(jobs.map((job) => without(job, 'unique'))) }),
}

function without(job: NewJob, option: 'group' | 'unique'): NewJob {
  return Object.fromEntries(Object.entries(job).filter(([key]) => key !== option)) as unknown as NewJob
}
