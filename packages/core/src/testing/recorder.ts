import type { NewJob } from '../contract/job.ts'
import type { Settlement } from '../contract/settlement.ts'
import type { MemoryBackend } from '../memory/memory-backend.ts'

/** A backend that also tells of every job that is accepted, those that follow from outcomes included. */
export function recording(backend: MemoryBackend, accepted: (job: NewJob) => void): MemoryBackend {
  const followUps = (settlements: readonly Settlement[], replies: readonly unknown[]): void => {
    settlements.forEach((settlement, index) => {
      if (replies[index] === 'applied') settlement.then?.forEach(accepted)
    })
  }
  return {
    name: backend.name,
    features: backend.features,
    limits: backend.limits,
    inspect: backend.inspect,
    operate: backend.operate,
    open: () => backend.open(),
    close: () => backend.close(),
    health: () => backend.health(),
    claim: (request, signal) => backend.claim(request, signal),
    extend: (leases, lease) => backend.extend(leases, lease),
    report: (reports) => backend.report(reports),
    within: (tx) => backend.within(tx),
    transaction: () => backend.transaction(),
    peer: () => backend.peer(),
    async enqueue(jobs) {
      const replies = await backend.enqueue(jobs)
      jobs.forEach((job, index) => replies[index]!.status === 'enqueued' && accepted(job))
      return replies
    },
    async settle(settlements) {
      const replies = await backend.settle(settlements)
      followUps(settlements, replies)
      return replies
    },
    async exchange(settlements, request) {
      const exchanged = await backend.exchange(settlements, request)
      followUps(settlements, exchanged.settled)
      return exchanged
    },
  }
}
