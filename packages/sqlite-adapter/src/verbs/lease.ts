import type { Extended, Lease, Ms, Report, Settled } from '@jobport/core/adapter'
import { after, refuseValue } from '../limits.ts'
import extendSql from '../sql/extend.sql'
import holdsSql from '../sql/holds.sql'
import lowerLeaseBound from '../sql/lower-lease-bound.sql'
import { note } from './notes.ts'
import { CANCEL } from './place.ts'
import { parsePrefix, unseal } from './token.ts'
import type { Transaction } from './transaction.ts'

export function extend(tx: Transaction, leases: readonly Lease[], length: Ms): Extended[] {
  const until = after(tx.now, length)
  const queues = new Set<number>()
  const answers = leases.map((lease): Extended => {
    const held = locate(tx, lease)
    const flags = held && tx.on.value(extendSql, held.seq, held.claim, held.attempt, held.queue, until)
    if (held === undefined || flags === undefined) return 'lost'
    queues.add(held.queue)
    tx.stirred.add(lease.queue)
    return (flags & CANCEL) === 0 ? 'applied' : 'cancelled'
  })
  for (const queue of queues) tx.on.run(lowerLeaseBound, queue, until)
  return answers
}

export function report(tx: Transaction, reports: readonly Report[]): Settled[] {
  return reports.map(({ lease, progress, logs }): Settled => {
    const held = locate(tx, lease)
    if (held === undefined || tx.on.get(holdsSql, held.seq, held.claim, held.attempt, held.queue) === undefined) return 'lost'
    const refused = refuseValue(progress, `the progress of job ${lease.id}`)
    if (refused !== undefined) return refused
    note(tx, held.seq, { progress, logs })
    return 'applied'
  })
}

/** Where the row of a lease would be. */
export function locate(
  tx: Transaction,
  lease: Lease,
): { readonly seq: number; readonly claim: string; readonly attempt: number; readonly queue: number } | undefined {
  const handle = unseal(lease)
  const claim = handle && parsePrefix(handle.prefix)
  const queue = tx.queue(lease.queue)
  return handle && claim && queue && { seq: handle.seq, ...claim, queue: queue.no }
}
