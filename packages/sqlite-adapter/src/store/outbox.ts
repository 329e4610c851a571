import { claimId, type HandOff, type Ms, type NewJob, type Sent, type Unsent } from '@jobport/core/adapter'
import { after } from '../limits.ts'
import addSending from '../sql/add-sending.sql'
import confirmSending from '../sql/confirm-sending.sql'
import dueSendings from '../sql/due-sendings.sql'
import hastenSending from '../sql/hasten-sending.sql'
import resumeSending from '../sql/resume-sending.sql'
import setSending from '../sql/set-sending.sql'
import type { Row } from '../connection/connection.ts'
import type { Transaction } from '../verbs/transaction.ts'

/** When a job is sent whose queue is paused: not before that ends. */
const PARKED = Number.MAX_SAFE_INTEGER

/** Nobody else is about to send what comes to wait. */
const NOBODY: HandOff = { delay: 0, grace: 0, origin: '' }

const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze({})

/** In a file that is the memory of a broker: which jobs have to be sent, and when. */
export class Outbox {
  readonly #tx: Transaction
  /** By whom jobs that are new in this transaction are handed off. */
  handOff = NOBODY

  constructor(tx: Transaction) {
    this.#tx = tx
  }

  /** A job is new. */
  add(seq: number, dueAt: number | null): void {
    const { now } = this.#tx
    const { delay, grace, origin } = this.handOff
    const at = dueAt !== null && dueAt - now > delay ? dueAt : after(dueAt ?? now, grace)
    this.#tx.on.run(addSending, seq, at, origin)
  }

  /** A job waits again. */
  wait(seq: number, dueAt: number | null): void {
    this.#tx.on.run(setSending, seq, dueAt ?? this.#tx.now, claimId())
  }

  /** A lease has begun, or ends at another time: the job has to be sent then. */
  lease(seq: number, until: number): void {
    this.#tx.on.run(setSending, seq, until, claimId())
  }

  /** A message has come of a job that cannot run yet. */
  hasten(seq: number, at: number): void {
    this.#tx.on.run(hastenSending, seq, at, claimId())
  }

  /** A message has come of a paused queue. */
  park(seq: number): void {
    this.#tx.on.run(setSending, seq, PARKED, claimId())
  }

  /** What came meanwhile is sent now. */
  resume(queue: number): void {
    this.#tx.on.run(resumeSending, queue, this.#tx.now, claimId(), PARKED)
  }

  due(limit: number, lease: Ms): Unsent[] {
    const { on, now } = this.#tx
    const rows = on.all(dueSendings, now, limit)
    for (const [seq, , , , , , , , sending] of rows) on.run(setSending, seq, after(now, lease), sending)
    return rows.map(unsentOf)
  }

  confirm({ id, sending }: Sent): void {
    this.#tx.on.run(confirmSending, id, sending)
  }
}

function unsentOf([, id, queue, name, payload, headers, policy, rank, sending, origin]: Row): Unsent {
  const job: { -readonly [K in keyof NewJob]: NewJob[K] } = {
    id,
    queue,
    name,
    payload,
    headers: headers === null ? NO_HEADERS : JSON.parse(headers),
  }
  if (policy !== null) job.policy = policy
  if (rank !== 0) job.priority = 0 - rank
  return { job, sending, origin }
}
