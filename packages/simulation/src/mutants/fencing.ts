import type { ClaimedJob, Lease, Settled, Settlement } from '@jobport/core/adapter'
import { changed } from './changed.ts'
import type { FullBackend, Mutant } from './mutant.ts'

/** Settles and extends by the newest token, whatever token was given. */
function byJob(backend: FullBackend, otherwise: (reply: Settled) => Settled): FullBackend {
  const newest = new Map<string, Lease>()
  const seen = (jobs: readonly ClaimedJob[]): readonly ClaimedJob[] => {
    for (const { lease } of jobs) newest.set(lease.id, lease)
    return jobs
  }
  const latest = (lease: Lease): Lease => newest.get(lease.id) ?? lease
  return changed(backend, {
    exchange: undefined,
    claim: async (request, signal) => seen(await backend.claim(request, signal)),
    extend: (leases, lease) => backend.extend(leases.map(latest), lease),
    settle: async (settlements: readonly Settlement[]) => {
      const replies = await backend.settle(
        settlements.map((settlement) => ({ ...settlement, lease: latest(settlement.lease) })),
      )
      return replies.map(otherwise)
    },
  })
}

export const noFence: Mutant = {
  name: 'no fence',
  flaw: 'settlements go by the id of the job, whoever sends them',
  shows: /^fence: .*does not hold the job any more/,
  server: (backend) => byJob(backend, (reply) => (reply === 'lost' ? 'applied' : reply)),
}

export const stateOnlyFence: Mutant = {
  name: 'state-only fence',
  flaw: 'settlements are accepted while the job is active, whoever has it',
  shows: /^fence: .*does not hold the job any more/,
  server: (backend) => byJob(backend, (reply) => reply),
}

export const settleAfterLostLease: Mutant = {
  name: 'settle after the lease',
  flaw: 'where nothing fences settlements, they are sent when the lease may be over',
  shows: /^deadlines: .*nothing fences it/,
  in: ({ fenced }) => !fenced,
  client: (backend) => changed(backend, { features: { ...backend.features, state: true } }),
}

export const clientClock: Mutant = {
  name: 'client clock',
  flaw: 'the clocks of the clients decide when leases end',
  shows: /^claims: .*had its lease/,
  clock: ({ clock, caller, skewOf }) => ({
    now: () => clock.now() + skewOf(caller()),
    date: () => clock.date() + skewOf(caller()),
    schedule: (delay, callback) => clock.schedule(delay, callback),
  }),
}
