import type { Backend, ClaimedJob, NewJob, Settled, Settlement } from '@jobport/core/adapter'
import { changed } from './changed.ts'
import type { Mutant } from './mutant.ts'

/** As `backend`, but every settlement goes through `settle`, and every claimed job through `claimed`. */
function through(
  backend: Backend,
  steps: {
    readonly settle?: (settlements: readonly Settlement[]) => Promise<readonly Settled[]>
    readonly claimed?: (jobs: readonly ClaimedJob[]) => Promise<readonly ClaimedJob[]> | readonly ClaimedJob[]
  },
): Backend {
  const { settle = (settlements) => backend.settle(settlements), claimed = (jobs) => jobs } = steps
  return changed(backend, {
    exchange: undefined,
    settle,
    claim: async (request, signal) => claimed(await backend.claim(request, signal)),
  })
}

export const ackBeforeHandler: Mutant = {
  name: 'ack before the handler',
  flaw: 'a job is settled as completed when it is claimed',
  shows: /^outcomes: .*is completed, but its handler has not returned/,
  client: (backend) =>
    through(backend, {
      claimed: async (jobs) => {
        if (jobs.length > 0)
          await backend.settle(jobs.map(({ lease }) => ({ lease, to: 'completed', keep: 7_200_000 })))
        return jobs
      },
      settle: async (settlements) => settlements.map(() => 'applied'),
    }),
}

export const notifyBeforeSettle: Mutant = {
  name: 'notify before settle',
  flaw: 'notifications are sent, then the outcome is stored',
  shows: /^notifications: .*was enqueued before/,
  client: (backend) =>
    through(backend, {
      settle: async (settlements) => {
        const early = settlements.flatMap(({ then = [] }) => then.filter(isNotification))
        if (early.length > 0) await backend.enqueue(early)
        return backend.settle(
          settlements.map((settlement) => ({
            ...settlement,
            then: (settlement.then ?? []).filter((job) => !isNotification(job)),
          })),
        )
      },
    }),
}

export const notifyAfterSettle: Mutant = {
  name: 'notify after settle',
  flaw: 'the outcome is stored, then notifications are sent; a crash in between loses them',
  shows: /^notifications: .*with 0 notifications/,
  client: (backend) =>
    through(backend, {
      settle: async (settlements) => {
        const late = settlements.flatMap(({ then = [] }) => then.filter(isNotification))
        const replies = await backend.settle(
          settlements.map((settlement) => ({
            ...settlement,
            then: (settlement.then ?? []).filter((job) => !isNotification(job)),
          })),
        )
        if (late.length > 0) await backend.enqueue(late)
        return replies
      },
    }),
}

function isNotification({ name }: NewJob): boolean {
  return name === 'jobport.notification'
}

export const budgetByAttempt: Mutant = {
  name: 'budget by attempt',
  flaw: 'every attempt counts as a failure, whatever became of it',
  shows: /^retries: .*is dead after/,
  client: (backend) =>
    through(backend, { claimed: (jobs) => jobs.map((job) => ({ ...job, failures: job.attempt - 1 })) }),
}

export const noHeartbeat: Mutant = {
  name: 'no heartbeat',
  flaw: 'leases are not extended while a handler works',
  shows: /^(leases|deadlines): /,
  client: (backend) => changed(backend, { extend: async (leases) => leases.map(() => 'applied') }),
}

export const lazyHeartbeat: Mutant = {
  name: 'lazy heartbeat',
  flaw: 'every other heartbeat is left out, so that one lost call is enough to lose the lease',
  shows: /^leases: .*without a word/,
  client(backend) {
    let beats = 0
    return changed(backend, {
      extend: async (leases, lease) =>
        ++beats % 2 === 0 ? backend.extend(leases, lease) : leases.map(() => 'applied'),
    })
  },
}

export const claimAbortIgnored: Mutant = {
  name: 'claims are not aborted',
  flaw: 'a worker that closes leaves its claims waiting, and jobs go to nobody',
  shows: /^leases: |^closing: .*to close/,
  client(backend) {
    const never = new AbortController().signal
    return changed(backend, { claim: (request) => backend.claim(request, never) })
  },
}

export const noQuarantine: Mutant = {
  name: 'no quarantine',
  flaw: 'jobs that are suspected of killing their worker are begun together',
  shows: /^quarantine: /,
  in: ({ fenced, maxCrashes }) => fenced && maxCrashes > 2,
  client: (backend, _, { maxCrashes }) =>
    through(backend, {
      claimed: (jobs) =>
        jobs.map((job) => (job.crashes > 1 && job.crashes < maxCrashes ? { ...job, crashes: 1 } : job)),
    }),
}
