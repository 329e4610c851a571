import type { Enqueued, NewJob } from '@jobport/core/adapter'
import type { SQLInputValue } from 'node:sqlite'
import { ADMISSION, after } from '../limits.ts'
import idKnown from '../sql/id-known.sql'
import insertJob from '../sql/insert-job.sql'
import insertJobs from '../sql/insert-jobs.sql'
import lastSeq from '../sql/last-seq.sql'
import newJobs from '../sql/new-jobs.sql'
import placeNewLater from '../sql/place-new-later.sql'
import setUnique from '../sql/set-unique.sql'
import uniqueHolder from '../sql/unique-holder.sql'
import { join, place } from './place.ts'
import { addRun } from './ready.ts'
import { pieces, repeated } from './rows.ts'
import { GROUP, NEW, UNIQUE } from './traits.ts'
import type { Transaction } from './transaction.ts'

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })

/**
 * Jobs without a unique key and a group are collected and inserted many at a time; those with one are looked at one by one. Either way
 * the numbers are in the order of the batch.
 */
export function enqueue(tx: Transaction, jobs: readonly NewJob[]): Enqueued[] {
  const answers: Enqueued[] = Array.from({ length: jobs.length })
  let plain: number[] = []
  const flush = (): void => {
    if (plain.length > 0) insertPlain(tx, jobs, plain, answers)
    plain = []
  }
  for (let index = 0; index < jobs.length; index++) {
    const job = jobs[index]!
    const error = ADMISSION.refuseJob(job)
    if (error !== undefined) answers[index] = { status: 'refused', error }
    else if (job.unique === undefined && job.group === undefined) plain.push(index)
    else {
      flush()
      answers[index] = insertSpecial(tx, job)
    }
  }
  flush()
  return answers
}

function insertPlain(tx: Transaction, jobs: readonly NewJob[], indices: readonly number[], answers: Enqueued[]): void {
  const { on } = tx
  const last: number = on.value(lastSeq)
  const runs = new Runs(tx)
  let delayed = false
  let inserted = 0
  for (let from = 0; from < indices.length;) {
    const first = jobs[indices[from]!]!
    let to = from + 1
    while (to < indices.length && alike(first, jobs[indices[to]!]!)) to++
    const dueAt = dueOf(tx, first)
    if (dueAt !== null) delayed = true
    const shared = [tx.ensureQueue(first.queue).no, first.name, first.policy ?? null, rankOf(first), tx.now, dueAt]
    tx.stirred.add(first.queue)
    for (const size of pieces(to - from)) {
      const values: SQLInputValue[] = [...shared]
      for (const end = from + size; from < end; from++) {
        const { id, payload, headers } = jobs[indices[from]!]!
        values.push(id, payload, encodeHeaders(headers))
      }
      inserted += on.run(repeated(insertJobs, size), ...values)
    }
  }
  // The numbers of new jobs are successive, unless one was known already and left a gap.
  const fresh =
    inserted === indices.length ? undefined : new Map<string, number>(on.all(newJobs, last) as [string, number][])
  for (let offset = 0; offset < indices.length; offset++) {
    const index = indices[offset]!
    const job = jobs[index]!
    const seq = fresh === undefined ? last + 1 + offset : fresh.get(job.id)
    if (seq === undefined) {
      answers[index] = { status: 'duplicate', of: job.id }
      continue
    }
    // The first of two equal ids was inserted, the second finds it taken.
    fresh?.delete(job.id)
    answers[index] = ENQUEUED
    tx.outbox?.add(seq, dueOf(tx, job))
    if (job.delay === undefined || job.delay === 0) runs.add(job, seq)
  }
  runs.end()
  if (delayed) on.run(placeNewLater, last)
}

/** Whether they differ only in what each row has for itself: most jobs of a batch, and what they share is given to SQLite once. */
function alike(a: NewJob, b: NewJob): boolean {
  return (
    a.name === b.name &&
    a.queue === b.queue &&
    a.policy === b.policy &&
    rankOf(a) === rankOf(b) &&
    (a.delay ?? 0) === (b.delay ?? 0)
  )
}

/** Puts new jobs in line, those with successive numbers in one row. */
class Runs {
  readonly #tx: Transaction
  #queue = ''
  #rank = 0
  #first = 0
  #last = -1

  constructor(tx: Transaction) {
    this.#tx = tx
  }

  add(job: NewJob, seq: number): void {
    const rank = rankOf(job)
    if (seq !== this.#last + 1 || rank !== this.#rank || job.queue !== this.#queue) {
      this.end()
      this.#queue = job.queue
      this.#rank = rank
      this.#first = seq
    }
    this.#last = seq
  }

  end(): void {
    if (this.#queue === '') return
    addRun(this.#tx, this.#tx.ensureQueue(this.#queue).no, {
      ...NEW,
      rank: this.#rank,
      first: this.#first,
      last: this.#last,
    })
  }
}

function insertSpecial(tx: Transaction, job: NewJob): Enqueued {
  const { on, now } = tx
  if (on.get(idKnown, job.id) !== undefined) return { status: 'duplicate', of: job.id }
  const queue = tx.ensureQueue(job.queue)
  const unique = job.unique === undefined ? null : encodeKey(job.unique.key)
  const group = job.group === undefined ? null : encodeKey(job.group)
  if (unique !== null) {
    const holder = on.get(uniqueHolder, queue.no, unique)
    if (holder !== undefined && (holder[2] === 0 || holder[3] > now)) return { status: 'duplicate', of: holder[0] }
  }
  const rank = rankOf(job)
  const flags = (unique === null ? 0 : UNIQUE) | (group === null ? 0 : GROUP)
  const dueAt = dueOf(tx, job)
  const headers = encodeHeaders(job.headers)
  const seq = on.insert(
    insertJob, job.id, queue.no, job.name, job.payload, headers, job.policy ?? null, rank, now, dueAt, flags, group, unique,
  ) // prettier-ignore
  if (unique !== null) on.run(setUnique, queue.no, unique, seq, job.id, after(now, job.unique?.within ?? 0))
  const mobile = { ...NEW, seq, queue: queue.no, rank, flags, dueAt }
  if (group === null) place(tx, mobile)
  else join(tx, mobile, group)
  tx.outbox?.add(seq, dueAt)
  tx.stirred.add(job.queue)
  return ENQUEUED
}

/** Keys are stored as JSON strings: SQLite's text cannot hold a lone surrogate. */
function encodeKey(key: string): string {
  return JSON.stringify(key)
}

function encodeHeaders(headers: Readonly<Record<string, string>>): string | null {
  for (const _ in headers) return JSON.stringify(headers)
  return null
}

function dueOf(tx: Transaction, { delay }: NewJob): number | null {
  return delay === undefined || delay === 0 ? null : after(tx.now, delay)
}

function rankOf(job: NewJob): number {
  return job.priority === undefined ? 0 : 0 - job.priority
}
