import { token, type Begun, type Lease, type Ms, type Started } from '@jobport/core/adapter'
import { after } from '../limits.ts'
import toBegin from '../sql/to-begin.sql'
import { addHolding, holdingWith, takeOut, type Holding } from '../verbs/leases.ts'
import { displace } from '../verbs/place.ts'
import { SealedLease } from '../verbs/token.ts'
import { BEGUN, CANCEL, GROUP, UNIQUE, type Traits } from '../verbs/traits.ts'
import type { Transaction } from '../verbs/transaction.ts'
import type { Outbox } from './outbox.ts'

/** Attempts that have everything in common: one row will say that they are leased. */
type Group = Omit<Holding, 'no' | 'seqs'> & { readonly seqs: number[] }

/** Notes that attempts start, by the tokens of who asks. */
export function begin(tx: Transaction, outbox: Outbox, attempts: readonly Lease[], length: Ms): readonly Begun[] {
  const beginning = new Beginning(tx, outbox, length)
  const answers = attempts.map((attempt) => beginning.begin(attempt))
  beginning.hold()
  return answers
}

class Beginning {
  readonly #tx: Transaction
  readonly #outbox: Outbox
  readonly #until: number
  readonly #groups = new Map<string, Group>()
  /** By number of the job. */
  readonly #begun = new Map<number, Group>()

  constructor(tx: Transaction, outbox: Outbox, length: Ms) {
    this.#tx = tx
    this.#outbox = outbox
    this.#until = after(tx.now, length)
  }

  begin(lease: Lease): Begun {
    const tx = this.#tx
    const row = tx.on.get(toBegin, lease.id, lease.token)
    if (row === undefined) return 'stale'
    const [seq, queue, queueName, paused, rank, enqueuedAt, dueAt, finished, settled, origin] = row
    if (finished === 1 || queueName !== lease.queue) return 'stale'
    const started = ({ flags, attempt, failures, crashes, redrives }: Traits): Started => {
      const handle = { prefix: token(attempt, lease.token), seq, flags: flags & (UNIQUE | GROUP) }
      const own = new SealedLease(lease.id, queueName, handle)
      const begun = { lease: own, attempt, failures, crashes, redrives, enqueuedAt, origin: origin ?? '' }
      return (flags & CANCEL) === 0 ? begun : { ...begun, cancelRequested: true }
    }

    const known = this.#begun.get(seq)
    const holding = known === undefined ? holdingWith(tx, queue, seq) : undefined
    const held = known ?? holding
    if (held?.claim === lease.token) return started(held)
    if (held !== undefined && held.until > tx.now) return 'stale'
    if (settled === 1 || (dueAt !== null && dueAt > tx.now)) {
      this.#outbox.hasten(seq, Math.max(dueAt ?? 0, tx.now))
      return 'stale'
    }
    if (paused === 1) {
      this.#outbox.park(seq)
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
    this.#outbox.lease(seq, this.#until)
    return started(this.#join(seq, queue, lease.token, before))
  }

  /** Writes down that those that began are leased. */
  hold(): void {
    for (const group of this.#groups.values()) addHolding(this.#tx, group)
  }

  #join(seq: number, queue: number, claim: string, { flags: before, ...rest }: Traits): Group {
    const { failures, crashes, redrives } = rest
    const attempt = rest.attempt + 1
    const flags = before & ~BEGUN
    const name = [queue, flags, attempt, failures, crashes, redrives, claim].join(' ')
    let group = this.#groups.get(name)
    if (group === undefined) {
      const traits: Traits = { flags, attempt, failures, crashes, redrives, claimedAt: this.#tx.now }
      group = { ...traits, queue, claim, until: this.#until, seqs: [] }
      this.#groups.set(name, group)
    }
    group.seqs.push(seq)
    this.#begun.set(seq, group)
    return group
  }
}
