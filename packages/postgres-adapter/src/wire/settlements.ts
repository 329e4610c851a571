import { keepShape, type BackendFailure, type NewJob, type Settled, type Settlement } from '@jobport/core/adapter'
import { ADMISSION, duration } from '../limits.ts'
import { plainArray, textArray } from './array.ts'
import { blockOf, has, JobsOfBlock } from './jobs-of-block.ts'
import { newJobValues, NO_JOBS, type KindOf, type Value } from './new-jobs.ts'
import { handleOf, parsePrefix, type Claim, type Handle } from './token.ts'

/** As `conclude` knows them. */
const PROBE = 0
/** Bit of the flags: the job has a group, whose next may start now. */
const GROUP = 2
const OUTCOMES = { completed: 3, dead: 4, cancelled: 5 } as const

/** Settlements of jobs of one block that differ in nothing but the job. */
interface Group {
  /** Counted from 1. */
  readonly no: number
  readonly prefix: string
  readonly claim: Claim
  readonly queue: string
  readonly outcome: number
  readonly time: number
  readonly block: number
  readonly jobs: JobsOfBlock
  /** Which of all settlements they are, and the numbers of the jobs. */
  readonly indexes: number[]
  readonly seqs: number[]
}

/** What few settlements bring: jobs that follow. */
interface Followed {
  readonly group: number
  readonly seq: number
  readonly then: readonly NewJob[]
}

/** What `conclude` answers. */
type Answers = readonly (string | null)[] | undefined

/** Settlements that one call of the server can apply. */
export class SettleCall {
  readonly #groups: Group[] = []
  readonly #grouped = new Set<string>()
  readonly #notes = new Notes()
  readonly #followed: Followed[] = []
  readonly #refused = new Map<number, BackendFailure>()

  get isEmpty(): boolean {
    return this.#groups.length === 0
  }

  /** Whether a job may have reached a final state. */
  get finishes(): boolean {
    return this.#groups.some(({ outcome }) => outcome >= 3)
  }

  /** Queues in which a job may have become claimable. */
  get stirred(): Set<string> {
    const queues = new Set(this.#grouped)
    for (const { outcome, queue } of this.#groups) if (outcome === 1 || outcome === 2) queues.add(queue)
    for (const { then } of this.#followed) for (const job of then) queues.add(job.queue)
    return queues
  }

  /** Of the leases. */
  get queues(): Set<string> {
    return new Set(this.#groups.map(({ queue }) => queue))
  }

  get followers(): NewJob[] {
    return this.#followed.flatMap(({ then }) => then)
  }

  add(settlement: Settlement, index: number, { seq, prefix, flags }: Handle): boolean {
    if ((flags & GROUP) !== 0) this.#grouped.add(settlement.lease.queue)
    const refused = ADMISSION.refuseSettlement(settlement)
    const outcome = refused !== undefined ? PROBE : outcomeOf(settlement)
    const time = refused !== undefined ? 0 : timeOf(settlement)
    const { queue } = settlement.lease
    const block = blockOf(seq)
    let group = this.#groups.at(-1)
    if (group === undefined || !belongs(group, prefix, queue, outcome, time, block)) {
      group = this.#find(prefix, queue, outcome, time, block)
      if (group === undefined) {
        const claim = parsePrefix(prefix)
        if (claim === undefined) return false
        const no = this.#groups.length + 1
        const jobs = new JobsOfBlock()
        group = { no, prefix, claim, queue, outcome, time, block, jobs, indexes: [], seqs: [] }
        this.#groups.push(group)
      }
    }
    const isRepeated = !group.jobs.add(seq)
    group.indexes.push(index)
    group.seqs.push(seq)
    if (refused !== undefined) {
      this.#refused.set(index, refused)
      return true
    }
    if (isRepeated) return true
    this.#notes.add(group.no, seq, settlement)
    const { then } = settlement
    if (then !== undefined && then.length > 0) this.#followed.push({ group: group.no, seq, then })
    return true
  }

  /** On its own, since what the callback sees would otherwise be kept on the heap for each settlement. */
  #find(prefix: string, queue: string, outcome: number, time: number, block: number): Group | undefined {
    return this.#groups.find((each) => belongs(each, prefix, queue, outcome, time, block))
  }

  /** The arguments of `settle`. */
  values(queueOf: (queue: string) => number, kindOf: KindOf): Value[] {
    const parents = this.#followed.flatMap(({ group, seq, then }) => then.map(() => ({ group, seq })))
    return [
      plainArray(this.#groups.map(({ claim }) => claim.no)),
      plainArray(this.#groups.map(({ queue }) => queueOf(queue))),
      plainArray(this.#groups.map(({ claim }) => claim.attempt)),
      plainArray(this.#groups.map(({ claim }) => claim.random)),
      plainArray(this.#groups.map(({ outcome }) => outcome)),
      plainArray(this.#groups.map(({ time }) => time)),
      plainArray(this.#groups.map(({ block }) => block)),
      plainArray(this.#groups.map(({ jobs }) => jobs.toString())),
      ...this.#notes.values(),
      ...(parents.length === 0
        ? [null, null, ...NO_JOBS]
        : [
            plainArray(parents.map(({ group }) => group)),
            plainArray(parents.map(({ seq }) => seq)),
            ...newJobValues(this.followers, kindOf),
          ]),
    ]
  }

  /** Puts the answer of the server where each settlement expects it. */
  answer(answers: Answers, settled: Settled[]): void {
    this.#groups.forEach(({ outcome, indexes, seqs }, group) => {
      const [lost, before] = answers?.[group]?.split('|') ?? []
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at]!
        const seq = seqs[at]!
        const refused = outcome === PROBE ? this.#refused.get(index) : undefined
        settled[index] = has(lost, seq) ? 'lost' : refused === undefined || has(before, seq) ? 'applied' : refused
      }
    })
  }
}

/**
 * Sorts settlements into calls. What follows from a settlement may depend on a unique key or the seat of a group that an earlier one gave up, or a later one
 * will: such a settlement is a call of its own. Those without a token of ours are answered at once.
 */
export function settleCalls(settlements: readonly Settlement[], settled: Settled[]): SettleCall[] {
  const calls: SettleCall[] = [new SettleCall()]
  settlements.forEach((settlement, index) => {
    const handle = handleOf(settlement.lease)
    const alone = settlement.then?.some(({ unique, group }) => unique !== undefined || group !== undefined) === true
    if (alone && !calls.at(-1)!.isEmpty) calls.push(new SettleCall())
    if (handle === undefined || !calls.at(-1)!.add(settlement, index, handle)) settled[index] = 'lost'
    if (alone) calls.push(new SettleCall())
  })
  return calls.filter((call) => !call.isEmpty)
}

function belongs(group: Group, prefix: string, queue: string, outcome: number, time: number, block: number): boolean {
  return (
    group.block === block &&
    group.prefix === prefix &&
    group.outcome === outcome &&
    group.time === time &&
    group.queue === queue
  )
}

function outcomeOf(settlement: Settlement): number {
  return settlement.to === 'waiting' ? (settlement.counts === 'failure' ? 2 : 1) : OUTCOMES[settlement.to]
}

function timeOf(settlement: Settlement): number {
  return duration(settlement.to === 'waiting' ? settlement.delay : settlement.keep)
}

/** Results and errors. */
class Notes {
  readonly #groups: number[] = []
  readonly #seqs: number[] = []
  readonly #results: (string | undefined)[] = []
  readonly #errors: (string | undefined)[] = []

  add(group: number, seq: number, settlement: Settlement): void {
    const result = settlement.to === 'completed' ? settlement.result : undefined
    const error = settlement.to === 'dead' || settlement.to === 'waiting' ? settlement.error : undefined
    if (result === undefined && error === undefined) return
    this.#groups.push(group)
    this.#seqs.push(seq)
    this.#results.push(result)
    this.#errors.push(error)
  }

  values(): Value[] {
    if (this.#groups.length === 0) return [null, null, null, null]
    return [plainArray(this.#groups), plainArray(this.#seqs), textArray(this.#results), textArray(this.#errors)]
  }
}

keepShape(new SettleCall())
