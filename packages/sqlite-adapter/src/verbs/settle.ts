import type { Lease, Ms, NewJob, Returned, Settled, Settlement } from '@jobport/core/adapter'
import { ADMISSION, after } from '../limits.ts'
import insertResults from '../sql/insert-results.sql'
import rankOf from '../sql/rank.sql'
import setReturned from '../sql/set-returned.sql'
import settledBefore from '../sql/settled-before.sql'
import { enqueue } from './enqueue.ts'
import { finish } from './finish.ts'
import { held, holdingsOf, locate, takeOut } from './leases.ts'
import { note } from './notes.ts'
import { keys, place, release } from './place.ts'
import { pieces, repeated } from './rows.ts'
import { parsePrefix, unseal, type Handle } from './token.ts'
import type { Transaction } from './transaction.ts'

type Final = Exclude<Settlement, Returned>

interface Entry {
  readonly index: number
  readonly handle: Handle
  readonly settlement: Final
}

/** Settlements that differ in nothing but the job: they are one row in the log of endings and a few statements, however many they are. */
interface Group {
  readonly prefix: string
  readonly queue: string
  readonly to: Final['to']
  readonly keep: Ms
  readonly entries: Entry[]
}

/** Applies what holds its lease; each is answered by index. */
export function settle(tx: Transaction, settlements: readonly Settlement[]): Settled[] {
  return new Batch(tx, settlements).apply()
}

class Batch {
  readonly #tx: Transaction
  readonly #settlements: readonly Settlement[]
  readonly #answers: Settled[]
  #groups: Group[] = []
  /** The jobs of the open groups. */
  readonly #open = new Set<number>()
  /** What follows from settlements that were applied, by their index. */
  #followers: { readonly index: number; readonly then: readonly NewJob[] }[] = []

  constructor(tx: Transaction, settlements: readonly Settlement[]) {
    this.#tx = tx
    this.#settlements = settlements
    this.#answers = Array.from({ length: settlements.length })
  }

  apply(): Settled[] {
    for (let index = 0; index < this.#settlements.length; index++) this.#add(index, this.#settlements[index]!)
    this.#flush()
    return this.#answers
  }

  #add(index: number, settlement: Settlement): void {
    const { lease } = settlement
    const handle = unseal(lease)
    if (handle === undefined) {
      this.#answers[index] = 'lost'
      return
    }
    // Of two settlements of one job the first counts, so it has to be applied before the second is looked at.
    if (this.#open.has(handle.seq)) this.#flush()
    const refused = ADMISSION.refuseSettlement(settlement)
    if (refused !== undefined) {
      const where = locate(this.#tx, lease)
      this.#answers[index] = where && held(this.#tx, where) ? refused : afterwards(this.#tx, lease)
      return
    }
    // Whether a follower with a unique key or a group is taken depends on all that came before, so nothing may be open then.
    const special = settlement.then?.some(({ unique, group }) => unique !== undefined || group !== undefined) === true
    if (special) this.#flush()
    if (settlement.to === 'waiting') this.#giveBack(index, settlement)
    else this.#gather(index, settlement, handle)
    if (special) this.#flush()
  }

  #giveBack(index: number, settlement: Returned): void {
    const answer = giveBack(this.#tx, settlement)
    this.#answers[index] = answer.settled
    if (answer.now && settlement.then !== undefined) this.#followers.push({ index, then: settlement.then })
  }

  #gather(index: number, settlement: Final, handle: Handle): void {
    const { lease, to, keep } = settlement
    this.#open.add(handle.seq)
    let group = this.#groups.at(-1)
    if (group === undefined || !belongs(group, handle.prefix, lease.queue, to, keep)) {
      group = this.#groups.find((each) => belongs(each, handle.prefix, lease.queue, to, keep))
      if (group === undefined)
        this.#groups.push((group = { prefix: handle.prefix, queue: lease.queue, to, keep, entries: [] }))
    }
    group.entries.push({ index, handle, settlement })
  }

  #flush(): void {
    const groups = this.#groups
    this.#groups = []
    this.#open.clear()
    for (const group of groups) this.#finish(group)
    if (this.#followers.length === 0) return
    const followers = this.#followers.toSorted((a, b) => a.index - b.index)
    this.#followers = []
    // One whose id exists already is left as it is.
    enqueue(
      this.#tx,
      followers.flatMap(({ then }) => then),
    )
  }

  #finish(group: Group): void {
    const tx = this.#tx
    const applied = end(tx, group)
    for (const { index, handle, settlement } of group.entries) {
      this.#answers[index] =
        applied === undefined || applied.has(handle.seq) ? 'applied' : afterwards(tx, settlement.lease)
    }
    const entries =
      applied === undefined ? group.entries : group.entries.filter(({ handle }) => applied.has(handle.seq))
    if (entries.length === 0) return
    writeResults(tx, entries)
    for (const { settlement, handle } of entries) {
      if (settlement.to === 'dead' && group.keep > 0) note(tx, handle.seq, { error: settlement.error })
      if (handle.flags !== 0) {
        release(tx, handle.seq, keys(tx, handle.seq))
        tx.stirred.add(group.queue)
      }
    }
    for (const { index, settlement } of entries) {
      if (settlement.then !== undefined) this.#followers.push({ index, then: settlement.then })
    }
  }
}

function belongs(group: Group, prefix: string, queue: string, to: Final['to'], keep: Ms): boolean {
  return group.prefix === prefix && group.queue === queue && group.to === to && group.keep === keep
}

/** Finishes those that the claim still holds: the fence. Answers which; `undefined`: all. */
function end(tx: Transaction, { prefix, queue: name, to, keep, entries }: Group): ReadonlySet<number> | undefined {
  const queue = tx.queue(name)
  const key = parsePrefix(prefix)
  if (queue === undefined || key === undefined) return new Set()
  const wanted = new Set(entries.map(({ handle }) => handle.seq))
  const applied: number[] = []
  for (const holding of holdingsOf(tx, { ...key, queue: queue.no })) {
    const seqs = holding.seqs.filter((seq) => wanted.has(seq))
    if (seqs.length === 0) continue
    takeOut(tx, holding, seqs)
    finish(tx, { queue: queue.no, to, keep, claim: key.claim, traits: holding, seqs })
    if (seqs.length === wanted.size) return undefined
    applied.push(...seqs)
  }
  return applied.length === wanted.size ? undefined : new Set(applied)
}

function writeResults(tx: Transaction, entries: readonly Entry[]): void {
  const values: (number | string)[] = []
  for (const { settlement, handle } of entries) {
    if (settlement.to !== 'completed' || settlement.keep === 0) return
    if (settlement.result !== undefined) values.push(handle.seq, settlement.result)
  }
  let next = 0
  for (const size of pieces(values.length / 2)) {
    tx.on.run(repeated(insertResults, size), ...values.slice(next, (next += 2 * size)))
  }
}

/** Makes a job claimable again, at once or later. `now`: it was done by this very settlement. */
function giveBack(
  tx: Transaction,
  { lease, delay, error, counts }: Returned,
): { readonly settled: Settled; readonly now: boolean } {
  const where = locate(tx, lease)
  const holding = where && held(tx, where)
  if (where === undefined || holding === undefined) return { settled: afterwards(tx, lease), now: false }
  const { seq, queue, claim, attempt } = where
  takeOut(tx, holding, [seq])
  tx.on.run(setReturned, seq, claim, attempt)
  if (error !== undefined) note(tx, seq, { error })
  const failures = holding.failures + (counts === 'failure' ? 1 : 0)
  const dueAt = delay > 0 ? after(tx.now, delay) : null
  place(tx, { ...holding, failures, seq, queue, rank: tx.on.value(rankOf, seq), dueAt })
  tx.outbox?.wait(seq, dueAt)
  tx.stirred.add(lease.queue)
  return { settled: 'applied', now: true }
}

/** What a settlement is answered whose lease is not held. */
function afterwards(tx: Transaction, lease: Lease): 'applied' | 'lost' {
  const where = locate(tx, lease)
  if (where === undefined) return 'lost'
  return tx.on.get(settledBefore, where.seq, where.claim, where.attempt, where.queue) === undefined ? 'lost' : 'applied'
}
