import type { Extended, Lease, Ms, Report, Settled } from '@jobport/core/adapter'
import { ADMISSION, after } from '../limits.ts'
import { change, held, holdingsOf, locate, type ClaimKey } from './leases.ts'
import { note } from './notes.ts'
import { BEGUN, CANCEL } from './traits.ts'
import type { Transaction } from './transaction.ts'

/** Leases of one claim, by number of the job, and where their answers go. */
interface Group {
  readonly key: ClaimKey
  readonly indices: Map<number, number[]>
}

export function extend(tx: Transaction, leases: readonly Lease[], length: Ms): Extended[] {
  const answers = leases.map((): Extended => 'lost')
  const until = after(tx.now, length)
  const groups = new Map<string, Group>()
  leases.forEach((lease, index) => {
    const where = locate(tx, lease)
    if (where === undefined) return
    const name = `${where.queue} ${where.attempt} ${where.claim}`
    let group = groups.get(name)
    if (group === undefined) groups.set(name, (group = { key: where, indices: new Map() }))
    const indices = group.indices.get(where.seq)
    if (indices === undefined) group.indices.set(where.seq, [index])
    else indices.push(index)
    tx.stirred.add(lease.queue)
  })
  for (const { key, indices } of groups.values()) {
    for (const holding of holdingsOf(tx, key)) {
      const seqs = holding.seqs.filter((seq) => indices.has(seq))
      if (seqs.length === 0) continue
      change(tx, holding, seqs, { until })
      const answer = (holding.flags & CANCEL) === 0 ? 'applied' : 'cancelled'
      for (const seq of seqs) for (const index of indices.get(seq)!) answers[index] = answer
    }
  }
  return answers
}

export function report(tx: Transaction, reports: readonly Report[]): Settled[] {
  return reports.map(({ lease, begun, progress, logs }): Settled => {
    const where = locate(tx, lease)
    const holding = where && held(tx, where)
    if (where === undefined || holding === undefined) return 'lost'
    const refused = ADMISSION.refuseValue(progress, 'the progress', lease.id)
    if (refused !== undefined) return refused
    if (begun === true && (holding.flags & BEGUN) === 0)
      change(tx, holding, [where.seq], { flags: holding.flags | BEGUN })
    if (progress !== undefined || logs !== undefined) note(tx, where.seq, { progress, logs })
    return 'applied'
  })
}
