import type { Begun, ClaimedJob, Ms } from '@jobport/core/adapter'
import { after } from '../limits.ts'
import toBegin from '../sql/to-begin.sql'
import { addHolding, holdingWith, takeOut } from '../verbs/leases.ts'
import { displace } from '../verbs/place.ts'
import { BEGUN, CANCEL, type Traits } from '../verbs/traits.ts'
import type { Transaction } from '../verbs/transaction.ts'
import type { Outbox } from './outbox.ts'

/** Notes that an attempt starts, by the token of the broker. */
export function begin(tx: Transaction, outbox: Outbox, { lease }: ClaimedJob, length: Ms): Begun {
  const row = tx.on.get(toBegin, lease.id, lease.token)
  if (row === undefined) return 'stale'
  const [seq, queue, queueName, paused, rank, enqueuedAt, dueAt, finished, settled, origin] = row
  if (finished === 1 || queueName !== lease.queue) return 'stale'
  const started = (traits: Traits): Begun => {
    const { flags, attempt, failures, crashes, redrives } = traits
    const begun = { attempt, failures, crashes, redrives, enqueuedAt, origin: origin ?? '' }
    return (flags & CANCEL) === 0 ? begun : { ...begun, cancelRequested: true }
  }

  const holding = holdingWith(tx, queue, seq)
  if (holding?.claim === lease.token) return started(holding)
  if (holding !== undefined && holding.until > tx.now) return 'stale'
  if (settled === 1 || (dueAt !== null && dueAt > tx.now)) {
    outbox.hasten(seq, Math.max(dueAt ?? 0, tx.now))
    return 'stale'
  }
  if (paused === 1) {
    outbox.park(seq)
    return 'paused'
  }
  let before: Traits
  if (holding === undefined) {
    before = displace(tx, seq, rank, { queue, group: null, unique: null })!
  } else {
    takeOut(tx, holding, [seq])
    const blamed = holding.crashes === 0 || (holding.flags & BEGUN) !== 0
    before = { ...holding, crashes: holding.crashes + (blamed ? 1 : 0) }
  }
  const { failures, crashes, redrives } = before
  const attempt = before.attempt + 1
  const traits: Traits = { flags: before.flags & ~BEGUN, attempt, failures, crashes, redrives, claimedAt: tx.now }
  const until = after(tx.now, length)
  addHolding(tx, { ...traits, queue, claim: lease.token, until, seqs: [seq] })
  outbox.lease(seq, until)
  return started(traits)
}
