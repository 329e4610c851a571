import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ClaimedJob, Lease, Settled, Settlement } from '@jobport/core/adapter'
import { LEASE } from '../plan/setting.ts'
import { changed } from './changed.ts'
import type { Mutant } from './mutant.ts'

const applied = (reply: Settled): Settled => (reply === 'lost' ? 'applied' : reply)

export const noFence: Mutant = {
  flaw: 'settlements go by the id of the job, whoever sends them',
  shows: /^fence: .*does not hold the job any more/,
  by: 'stop worker',
  change(backend, { folder }) {
    // Processes do not know each other's tokens; here they tell each other.
    const fileOf = (id: string): string => join(folder, `${id}.token`)
    const tell = (jobs: readonly ClaimedJob[]): readonly ClaimedJob[] => {
      for (const { lease } of jobs) writeFileSync(fileOf(lease.id), lease.token)
      return jobs
    }
    const latest = <Held extends { readonly lease: Lease }>(held: Held): Held => {
      const token = readFileSync(fileOf(held.lease.id), 'utf8')
      return { ...held, lease: { ...held.lease, token } }
    }
    return changed(backend, {
      exchange: undefined,
      claim: async (request, signal) => tell(await backend.claim(request, signal)),
      extend: (leases, lease) =>
        backend.extend(
          leases.map((each) => latest({ lease: each }).lease),
          lease,
        ),
      settle: async (settlements) => (await backend.settle(settlements.map(latest))).map(applied),
    })
  },
}

export const lateApplied: Mutant = {
  flaw: 'an attempt that is late is told that its outcome was stored',
  shows: /^fence: /,
  by: 'stop worker',
  change: (backend) =>
    changed(backend, {
      exchange: undefined,
      settle: async (settlements) => (await backend.settle(settlements)).map(applied),
    }),
}

export const ackFirst: Mutant = {
  flaw: 'jobs are completed when they are claimed, before their handler has run',
  shows: /^outcomes: .*(has not returned|nobody)/,
  by: 'kill worker',
  change: (backend) =>
    changed(backend, {
      exchange: undefined,
      async claim(request, signal) {
        const jobs = await backend.claim(request, signal)
        await backend.settle(jobs.map(({ lease }): Settlement => ({ lease, to: 'completed', keep: 3_600_000 })))
        return jobs
      },
    }),
}

export const shortLease: Mutant = {
  flaw: 'jobs are leased for a quarter of the time that was asked for',
  shows: /^claims: .*had its lease/,
  by: 'stop worker',
  change: (backend) =>
    changed(backend, {
      exchange: undefined,
      claim: (request, signal) => backend.claim({ ...request, lease: LEASE / 4 }, signal),
      extend: (leases) => backend.extend(leases, LEASE / 4),
    }),
}
