import type { Backend, ClaimedJob } from '@jobport/core/adapter'
import type { Mutant } from './mutant.ts'

/** Changes what claims tell. */
const telling =
  (change: (job: ClaimedJob) => ClaimedJob) =>
  (backend: Backend): Partial<Backend> => ({
    claim: async (request, signal) => (await backend.claim(request, signal)).map(change),
  })

export const budgetByAttempt: Mutant = {
  name: 'budget by attempt',
  does: 'takes every attempt for a failure: crashes, releases and snoozes use up the retries',
  caughtBy: ['A2.34', 'A2.35', 'B2.10', 'B2.11'],
  mutate: telling((job) => ({ ...job, failures: job.attempt - 1 })),
}

export const crashesUncounted: Mutant = {
  name: 'crashes not counted',
  does: 'forgets that a lease ran out, so a poisonous job runs for ever',
  caughtBy: ['A2.34', 'B2.9'],
  mutate: telling((job) => ({ ...job, crashes: 0 })),
}

export const attemptGivenBack: Mutant = {
  name: 'attempt given back',
  does: 'hands the number of an attempt out again after a release',
  caughtBy: ['A2.33', 'A2.35'],
  mutate: telling((job) => ({ ...job, attempt: 1 + job.failures + job.crashes })),
}

export const abortLeaksALease: Mutant = {
  name: 'abort leaks a lease',
  does: 'leaves a waiting claim running on the server when its signal aborts',
  caughtBy: ['A2.20', 'A2.21'],
  mutate: (backend) => ({
    async claim(request, signal) {
      if (signal.aborted) return []
      const { promise, resolve } = Promise.withResolvers<readonly ClaimedJob[]>()
      signal.addEventListener('abort', () => resolve([]))
      backend.claim(request, new AbortController().signal).then(resolve, () => resolve([]))
      return promise
    },
  }),
}

export const clientClock: Mutant = {
  name: 'client clock',
  does: 'computes when leases and delays end by the clock of the client',
  caughtBy: ['A4.22', 'A4.23'],
  mutate: (backend) => ({
    claim: (request, signal) => backend.claim({ ...request, lease: Math.max(1, request.lease + drift()) }, signal),
    extend: (leases, lease) => backend.extend(leases, Math.max(1, lease + drift())),
    enqueue: (jobs) =>
      backend.enqueue(
        jobs.map((job) => (job.delay === undefined ? job : { ...job, delay: Math.max(0, job.delay + drift()) })),
      ),
  }),
}

export const extendForgets: Mutant = {
  name: 'extension forgotten',
  does: 'answers that a lease is extended, and lets it run out',
  caughtBy: ['A4.6', 'A4.8', 'A4.16', 'B3.10'],
  mutate: () => ({ extend: async (leases) => leases.map(() => 'applied') }),
}

/** How far the wall clock of this process is off the true time. */
function drift(): number {
  const off = Date.now() - (performance.timeOrigin + performance.now())
  return Math.abs(off) < 60_000 ? 0 : off
}
