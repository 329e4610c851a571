import type { Backend, ClaimedJob, Features, Lease, Settlement, Stateful } from '@jobport/core/adapter'

/** What a bare broker is: it moves jobs, and a late acknowledgement hits whoever holds the job now. */
const BARE: Features = {
  state: false,
  results: false,
  delay: true,
  priority: true,
  unique: false,
  group: false,
  fifo: true,
  atomicFollowUps: true,
  transactions: false,
}

/** The same jobs without a fence. It answers `unknown`, as who cannot confirm should. */
export function unfenced(backend: Backend & Stateful): Backend & Stateful {
  const newest = new Map<string, Lease>()
  const seen = async (jobs: readonly ClaimedJob[]): Promise<readonly ClaimedJob[]> => {
    for (const { lease } of jobs) newest.set(lease.id, lease)
    // A broker counts every redelivery.
    if (jobs.length > 0) await backend.report(jobs.map(({ lease }) => ({ lease, begun: true })))
    return jobs
  }
  const latest = <Held extends { readonly lease: Lease }>(held: Held): Held => ({
    ...held,
    lease: newest.get(held.lease.id) ?? held.lease,
  })
  const settle = async (settlements: readonly Settlement[]): Promise<readonly 'unknown'[]> => {
    await backend.settle(settlements.map(latest))
    return settlements.map(() => 'unknown')
  }
  return {
    name: 'unfenced',
    features: BARE,
    limits: backend.limits,
    open: () => backend.open(),
    close: () => backend.close(),
    health: () => backend.health(),
    inspect: backend.inspect,
    operate: backend.operate,
    report: (reports: Parameters<Stateful['report']>[0]) => backend.report(reports),
    enqueue: (jobs) => backend.enqueue(jobs),
    claim: async (request, signal) => seen(await backend.claim(request, signal)),
    settle,
    extend: (leases, lease) => backend.extend(leases, lease),
  } satisfies Backend & Stateful as Backend & Stateful
}
