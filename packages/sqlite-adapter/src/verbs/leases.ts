import type { Lease } from '@jobport/core/adapter'
import type { Row } from '../connection/connection.ts'
import addLeaseSql from '../sql/add-lease.sql'
import dropLease from '../sql/drop-lease.sql'
import leasesOfSql from '../sql/leases-of.sql'
import leasesOverSql from '../sql/leases-over.sql'
import leaseWithSql from '../sql/lease-with.sql'
import prolongLease from '../sql/prolong-lease.sql'
import shrinkLease from '../sql/shrink-lease.sql'
import { parsePrefix, unseal } from './token.ts'
import type { Traits } from './traits.ts'
import type { Transaction } from './transaction.ts'

/** Jobs of one claim that have everything in common: the row that says that they are leased. */
export interface Holding extends Traits {
  readonly no: number
  readonly queue: number
  readonly claim: string
  readonly until: number
  readonly seqs: readonly number[]
}

/** One claim of one queue. */
export interface ClaimKey {
  readonly claim: string
  readonly attempt: number
  readonly queue: number
}

export function addHolding(tx: Transaction, { queue, claim, until, seqs, ...traits }: Omit<Holding, 'no'>): void {
  const { attempt, flags, failures, crashes, redrives, claimedAt } = traits
  const [first, last] = ends(seqs)
  tx.on.run(
    addLeaseSql,
    queue, claim, attempt, flags, failures, crashes, redrives, claimedAt, until, seqs.length, first, last, JSON.stringify(seqs),
  ) // prettier-ignore
}

/** What a claim still holds. */
export function holdingsOf(tx: Transaction, { claim, attempt, queue }: ClaimKey): Holding[] {
  return tx.on.all(leasesOfSql, claim, attempt, queue).map(holding)
}

/** Up to `limit` that ran out, the oldest first. */
export function holdingsOver(tx: Transaction, queue: number, limit: number): Holding[] {
  return tx.on.all(leasesOverSql, queue, tx.now, limit).map(holding)
}

/** The one that a job is part of. */
export function holdingWith(tx: Transaction, queue: number, seq: number): Holding | undefined {
  const row = tx.on.get(leaseWithSql, queue, seq)
  return row && holding(row)
}

/** Takes jobs out of a holding, which ends with its last. */
export function takeOut(tx: Transaction, held: Holding, taken: readonly number[]): void {
  if (taken.length === held.seqs.length) {
    tx.on.run(dropLease, held.no)
    return
  }
  const out = new Set(taken)
  const rest = held.seqs.filter((seq) => !out.has(seq))
  const [first, last] = ends(rest)
  tx.on.run(shrinkLease, held.no, rest.length, first, last, JSON.stringify(rest))
}

/** Changes some jobs of a holding; those get a row of their own. */
export function change(
  tx: Transaction,
  held: Holding,
  seqs: readonly number[],
  news: { readonly until?: number; readonly flags?: number },
): void {
  if (seqs.length === held.seqs.length && news.flags === undefined && news.until !== undefined) {
    tx.on.run(prolongLease, held.no, news.until)
    return
  }
  takeOut(tx, held, seqs)
  addHolding(tx, { ...held, ...news, seqs })
}

/** Where the job of a lease would be held; `undefined` when the token is none of ours. */
export function locate(tx: Transaction, lease: Lease): (ClaimKey & { readonly seq: number }) | undefined {
  const handle = unseal(lease)
  const claim = handle && parsePrefix(handle.prefix)
  const queue = tx.queue(lease.queue)
  return handle && claim && queue && { seq: handle.seq, ...claim, queue: queue.no }
}

/** The holding that a lease is part of; `undefined` when it was lost or settled. */
export function held(tx: Transaction, where: ClaimKey & { readonly seq: number }): Holding | undefined {
  return holdingsOf(tx, where).find(({ seqs }) => seqs.includes(where.seq))
}

function holding(row: Row): Holding {
  const [no, queue, claim, attempt, flags, failures, crashes, redrives, claimedAt, until, seqs] = row
  return { no, queue, claim, attempt, flags, failures, crashes, redrives, claimedAt, until, seqs: JSON.parse(seqs) }
}

function ends(seqs: readonly number[]): readonly [first: number, last: number] {
  let [first, last] = [Infinity, -Infinity]
  for (const seq of seqs) {
    if (seq < first) first = seq
    if (seq > last) last = seq
  }
  return [first, last]
}
