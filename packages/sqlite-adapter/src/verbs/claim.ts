import { claimId, token, type ClaimedJob, type ClaimRequest } from '@jobport/core/adapter'
import type { Row } from '../connection/connection.ts'
import { after } from '../limits.ts'
import dropPromoted from '../sql/drop-promoted.sql'
import jobsBetween from '../sql/jobs-between.sql'
import jobsOf from '../sql/jobs-of.sql'
import nextEvents from '../sql/next-events.sql'
import promoteLater from '../sql/promote-later.sql'
import { addHolding, holdingsOver, takeOut } from './leases.ts'
import { takeFront, type Run } from './ready.ts'
import { SealedLease } from './token.ts'
import { BEGUN, CANCEL, GROUP, STARTED, UNIQUE, type Traits } from './traits.ts'
import type { QueueRow, Transaction } from './transaction.ts'

/** So many that fell due become claimable in one call; the others in the next. */
const PROMOTED = 5_000

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** Expired leases first, then what is due in the order of its key. */
export function claim(tx: Transaction, { queue: name, limit, lease }: Omit<ClaimRequest, 'wait'>): ClaimedJob[] {
  const queue = tx.queue(name)
  if (queue === undefined || queue.paused || limit <= 0) return []
  const taking = new Taking(tx, queue, after(tx.now, lease))
  const [firstEnd, due] = tx.on.get(nextEvents, queue.no)!
  if (firstEnd !== null && firstEnd <= tx.now) taking.expired(limit)
  if (due !== null && due <= tx.now) {
    tx.on.run(promoteLater, queue.no, tx.now, PROMOTED)
    tx.on.run(dropPromoted, queue.no, tx.now, PROMOTED)
  }
  if (taking.claimed.length < limit) taking.ready(limit - taking.claimed.length)
  // Those who wait have to know when the first lease ends.
  if (taking.claimed.length > 0 && (firstEnd === null || taking.until < firstEnd)) tx.stirred.add(name)
  return taking.claimed
}

/** One claim, and what it has taken so far. */
class Taking {
  readonly claimed: ClaimedJob[] = []
  readonly until: number
  readonly #tx: Transaction
  readonly #queue: QueueRow
  readonly #id = claimId()

  constructor(tx: Transaction, queue: QueueRow, until: number) {
    this.#tx = tx
    this.#queue = queue
    this.until = until
  }

  /** Takes over what an earlier claim has not settled in time. */
  expired(limit: number): void {
    let left = limit
    for (const held of holdingsOver(this.#tx, this.#queue.no, limit)) {
      if (left <= 0) return
      const seqs = held.seqs.slice(0, left)
      left -= seqs.length
      takeOut(this.#tx, held, seqs)
      const blamed = held.crashes === 0 || (held.flags & BEGUN) !== 0
      this.#hold(
        seqs,
        { ...held, crashes: held.crashes + (blamed ? 1 : 0) },
        this.#tx.on.all(jobsOf, JSON.stringify(seqs)),
      )
    }
  }

  ready(limit: number): void {
    const runs = takeFront(this.#tx, this.#queue.no, limit)
    for (let from = 0; from < runs.length;) {
      let to = from + 1
      while (to < runs.length && alike(runs[from]!, runs[to]!)) to++
      this.#take(runs.slice(from, to))
      from = to
    }
  }

  #take(runs: readonly Run[]): void {
    const seqs: number[] = []
    for (const { first, last } of runs) for (let seq = first; seq <= last; seq++) seqs.push(seq)
    const { on } = this.#tx
    const first = seqs[0]!
    const last = seqs.at(-1)!
    // Runs that come one after the other are as good as one.
    const isGapless = runs.every((run, index) => index === 0 || run.first === runs[index - 1]!.last + 1)
    this.#hold(seqs, runs[0]!, isGapless ? on.all(jobsBetween, first, last) : on.all(jobsOf, JSON.stringify(seqs)))
  }

  #hold(seqs: readonly number[], before: Traits, rows: readonly Row[]): void {
    const { failures, crashes, redrives } = before
    const flags = (before.flags & ~BEGUN) | ((before.flags & GROUP) === 0 ? 0 : STARTED)
    const attempt = before.attempt + 1
    const traits: Traits = { flags, attempt, failures, crashes, redrives, claimedAt: this.#tx.now }
    addHolding(this.#tx, { ...traits, queue: this.#queue.no, claim: this.#id, until: this.until, seqs })
    const prefix = token(attempt, this.#id)
    for (const row of rows) this.claimed.push(claimedJob(row, traits, this.#queue.name, prefix))
  }
}

function alike(a: Traits, b: Traits): boolean {
  return (
    a.flags === b.flags &&
    a.attempt === b.attempt &&
    a.failures === b.failures &&
    a.crashes === b.crashes &&
    a.redrives === b.redrives
  )
}

function claimedJob(row: Row, traits: Traits, queue: string, prefix: string): ClaimedJob {
  const [seq, id, name, payload, headers, policy, group, enqueuedAt, rank] = row
  const { flags, attempt, failures, crashes, redrives } = traits
  const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
    lease: new SealedLease(id, queue, { prefix, seq, flags: flags & (UNIQUE | GROUP) }),
    name,
    payload,
    headers: headers === null ? NO_HEADERS : JSON.parse(headers),
    priority: 0 - rank,
    attempt,
    failures,
    crashes,
    redrives,
    enqueuedAt,
  }
  if (policy !== null) job.policy = policy
  if (group !== null) job.group = JSON.parse(group)
  if ((flags & CANCEL) !== 0) job.cancelRequested = true
  return job
}
