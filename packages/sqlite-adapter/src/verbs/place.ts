import type { SQLInputValue } from 'node:sqlite'
import type { Row } from '../connection/connection.ts'
import head from '../sql/head.sql'
import dropHead from '../sql/drop-head.sql'
import dropUnique from '../sql/drop-unique.sql'
import keysOf from '../sql/keys.sql'
import nextHeld from '../sql/next-held.sql'
import placeHeld from '../sql/place-held.sql'
import placeLater from '../sql/place-later.sql'
import rank from '../sql/rank.sql'
import releaseUnique from '../sql/release-unique.sql'
import setHead from '../sql/set-head.sql'
import takeHeld from '../sql/take-held.sql'
import takeLater from '../sql/take-later.sql'
import uniqueHolder from '../sql/unique-holder.sql'
import { addRun, takeReady } from './ready.ts'
import { STARTED, type Traits } from './traits.ts'
import type { Transaction } from './transaction.ts'

/** What is moved from table to table while a job is not finished. */
export interface Mobile extends Traits {
  readonly seq: number
  /** Number of the queue. */
  readonly queue: number
  readonly rank: number
  /** When it falls due, if that is not at once. */
  readonly dueAt: number | null
}

/** Group and unique key of a job as they are stored. */
export interface Keys {
  readonly queue: number
  readonly group: string | null
  readonly unique: string | null
}

export function keys(tx: Transaction, seq: number): Keys {
  const [queue, group, unique] = tx.on.get(keysOf, seq)!
  return { queue, group, unique }
}

/** Puts a job that nothing holds back where it waits for its time or its turn. */
export function place(tx: Transaction, job: Mobile): void {
  if (job.dueAt !== null && job.dueAt > tx.now) tx.on.run(placeLater, ...columns(job), job.dueAt)
  else addRun(tx, job.queue, { ...job, first: job.seq, last: job.seq })
}

/** Takes a job that is neither leased nor finished away from where it waits; `undefined` when it is not there. */
export function displace(tx: Transaction, seq: number, rank: number, { queue, group }: Keys): Mobile | undefined {
  const ready = takeReady(tx, queue, rank, seq)
  if (ready !== undefined) return { ...ready, seq, queue, rank, dueAt: null }
  const row = tx.on.get(takeLater, seq) ?? (group === null ? undefined : tx.on.get(takeHeld, queue, group, seq))
  return row && mobile(row)
}

/**
 * Seats a job in its group by the order of enqueueing, but never ahead of a head that was claimed since it joined, and places it: as the head,
 * or behind it. A head that it displaces is held from now on.
 */
export function join(tx: Transaction, job: Mobile, group: string): void {
  const { seq, queue } = job
  const seated: number | undefined = tx.on.value(head, queue, group)
  if (seated !== undefined && seated !== seq && !giveWay(tx, seated, seq, { queue, group, unique: null })) {
    tx.on.run(placeHeld, ...columns(job), job.dueAt, group)
    return
  }
  tx.on.run(setHead, queue, group, seq)
  place(tx, job)
}

/** Holds the head of a group, if it may be: it is the junior, and has not started. */
function giveWay(tx: Transaction, seated: number, seq: number, keys: Keys & { readonly group: string }): boolean {
  if (seated < seq) return false
  const displaced = displace(tx, seated, tx.on.value(rank, seated), keys)
  if (displaced === undefined) return false
  if ((displaced.flags & STARTED) !== 0) {
    place(tx, displaced)
    return false
  }
  tx.on.run(placeHeld, ...columns(displaced), displaced.dueAt, keys.group)
  return true
}

/** Lets the next of a group start when its head is finished or removed. */
export function leave(tx: Transaction, seq: number, queue: number, group: string): void {
  if (tx.on.value(head, queue, group) !== seq) return
  const next: number | undefined = tx.on.value(nextHeld, queue, group)
  if (next === undefined) {
    tx.on.run(dropHead, queue, group)
    return
  }
  tx.on.run(setHead, queue, group, next)
  place(tx, mobile(tx.on.get(takeHeld, queue, group, next)!))
}

/** Lets a job that is finished give up its unique key, unless its time lasts or another job has it. */
function releaseKey(tx: Transaction, seq: number, queue: number, key: string): void {
  const holder = tx.on.get(uniqueHolder, queue, key)
  if (holder === undefined || holder[1] !== seq) return
  if (holder[3] > tx.now) tx.on.run(releaseUnique, queue, key, seq)
  else tx.on.run(dropUnique, queue, key, seq)
}

/** After a job with a group or a unique key is finished. */
export function release(tx: Transaction, seq: number, { queue, group, unique }: Keys): void {
  if (unique !== null) releaseKey(tx, seq, queue, unique)
  if (group !== null) leave(tx, seq, queue, group)
}

function mobile(row: Row): Mobile {
  const [seq, queue, rank, flags, attempt, failures, crashes, redrives, claimedAt, dueAt] = row
  return { seq, queue, rank, flags, attempt, failures, crashes, redrives, claimedAt, dueAt }
}

function columns(job: Mobile): SQLInputValue[] {
  return [job.seq, job.queue, job.rank, job.flags, job.attempt, job.failures, job.crashes, job.redrives, job.claimedAt]
}
