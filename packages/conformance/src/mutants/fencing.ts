import type { Backend, ClaimedJob, ClaimRequest, Lease, Settlement } from '@jobport/core/adapter'
import type { Mutant, Past } from './mutant.ts'

export const noFence: Mutant = {
  name: 'no fence',
  does: 'lets any token settle, extend and report',
  caughtBy: ['A3.14', 'A3.15', 'A3.16', 'A3.17', 'A3.47', 'A4.9', 'A4.13', 'A6.32', 'A10.8'],
  mutate: (backend, past) => fencedBy(backend, past, async () => true),
}

export const stateOnlyFence: Mutant = {
  name: 'state-only fence',
  does: 'asks whether the job is active, not whose claim it is',
  caughtBy: ['A3.14', 'A3.15', 'A3.16', 'A3.17', 'A4.9'],
  mutate: (backend, past) =>
    fencedBy(backend, past, async ({ id }) => (await backend.inspect?.find([id]))?.[0]?.state === 'active'),
}

export const numberFence: Mutant = {
  name: 'fence by number',
  does: 'compares the number in the token, not its random part',
  caughtBy: ['A3.18', 'A3.19', 'A3.20', 'A3.21', 'A4.10', 'A6.32'],
  mutate: (backend, past) =>
    fencedBy(backend, past, async ({ id, token }) => past.newest.get(id)?.split(':')[0] === token.split(':')[0]),
}

export const forgetfulFence: Mutant = {
  name: 'repeats are lost',
  does: 'answers the repeat of an applied settlement with "lost"',
  caughtBy: ['A3.10', 'A3.11', 'A3.12', 'A3.13', 'A3.41'],
  mutate: (backend, past) => ({
    async settle(settlements) {
      const answers = await backend.settle(settlements)
      return settlements.map(({ lease }, index) => {
        const known = past.notes.has(lease.token + lease.id)
        if (answers[index] === 'applied') past.notes.set(lease.token + lease.id, '')
        return known ? 'lost' : answers[index]!
      })
    },
  }),
}

/** Replaces a token by that of the newest claim where `accepts` says so. */
function fencedBy(backend: Backend, past: Past, accepts: (lease: Lease) => Promise<boolean>): Partial<Backend> {
  const forge = async (lease: Lease): Promise<Lease> => {
    const newest = past.newest.get(lease.id)
    return newest !== undefined && (await accepts(lease)) ? { ...lease, token: newest } : lease
  }
  return {
    async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
      const claimed = await backend.claim(request, signal)
      for (const { lease } of claimed) past.newest.set(lease.id, lease.token)
      return claimed
    },
    settle: async (settlements) =>
      backend.settle(
        await Promise.all(
          settlements.map(async (each): Promise<Settlement> => ({ ...each, lease: await forge(each.lease) })),
        ),
      ),
    extend: async (leases, lease) => backend.extend(await Promise.all(leases.map(forge)), lease),
    report: async (reports) =>
      backend.report!(await Promise.all(reports.map(async (each) => ({ ...each, lease: await forge(each.lease) })))),
  }
}
