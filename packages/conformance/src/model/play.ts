import assert from 'node:assert/strict'
import type {
  ClaimedJob,
  Extended,
  Finished,
  JobRecord,
  Lease,
  Mover,
  Ms,
  NewJob,
  Settled,
  Settlement,
  Stateful,
} from '@jobport/core/adapter'
import { IDS, QUEUES, type Command, type Hand, type JobPlan, type SettlePlan, type Span } from './command.ts'

type Model = Mover & Stateful

/** Two backends that are told the same, and the time of both. */
export interface Pair {
  readonly subject: Model
  readonly oracle: Model
  readonly spans: Readonly<Record<Span, Ms>>
  /** Lets time go on in both, longer than a short span. */
  advance(): Promise<void>
}

/** A claim, as either of the two made it. */
interface Claim {
  readonly id: string
  readonly subject: Lease
  readonly oracle: Lease
  settled: boolean
  /** The job was claimed or sent back to work since: what a repeated settlement is answered then is left to the backend. */
  past: boolean
  leaseEnds: 'short' | 'long' | 'over'
}

const ID_LIST = Array.from({ length: IDS }, (_, index) => `job-${index}`)
const QUEUE_LIST = Array.from({ length: QUEUES }, (_, index) => `queue-${index}`)
const ALL = 100
const never = new AbortController().signal

/** Tells both the same commands and fails at the first difference that the contract does not leave open. */
export class Play {
  readonly #pair: Pair
  readonly #claims: Claim[] = []
  /** Ids that were delayed or sent back: their place among others is left to the backend. */
  readonly #displaced = new Set<string>()
  readonly #news: Record<'subject' | 'oracle', Finished[]> = { subject: [], oracle: [] }
  #serial = 0

  constructor(pair: Pair) {
    this.#pair = pair
  }

  async begin(): Promise<void> {
    await this.#pair.subject.inspect.watch((finished) => this.#news.subject.push(...finished))
    await this.#pair.oracle.inspect.watch((finished) => this.#news.oracle.push(...finished))
  }

  async step(command: Command): Promise<void> {
    await this.#do(command)
    await this.#compareRecords()
  }

  /** Whether both have told the same news. */
  get newsAgree(): boolean {
    const [subject, oracle] = [this.#news.subject, this.#news.oracle].map((news) =>
      news.map((each) => `${each.id} ${each.queue} ${each.state}`).toSorted(),
    )
    return JSON.stringify(subject) === JSON.stringify(oracle)
  }

  get news(): string {
    return JSON.stringify(this.#news, undefined, 2)
  }

  async #do(command: Command): Promise<void> {
    const { subject, oracle, spans } = this.#pair
    switch (command.do) {
      case 'enqueue': {
        const jobs = this.#jobs(command.jobs)
        return assert.deepEqual(await subject.enqueue(jobs), await oracle.enqueue(jobs), 'the answers of enqueue')
      }
      case 'claim':
        return this.#claim(QUEUE_LIST[command.queue]!, command.lease, command.few)
      case 'settle': {
        const settlements = this.#settlements(command.settlements)
        const ours = await subject.settle(settlements.map((each) => each.subject))
        return this.#settled(settlements, ours, await oracle.settle(settlements.map((each) => each.oracle)))
      }
      case 'exchange':
        return this.#exchange(this.#settlements(command.settlements), QUEUE_LIST[command.queue]!)
      case 'extend': {
        const claims = command.hands.flatMap((hand) => this.#pick(hand) ?? [])
        const ours = await subject.extend(
          claims.map((each) => each.subject),
          spans[command.lease],
        )
        const theirs: readonly Extended[] = await oracle.extend(
          claims.map((each) => each.oracle),
          spans[command.lease],
        )
        assert.deepEqual(ours, theirs, 'the answers of extend')
        return claims.forEach((claim, index) => theirs[index] !== 'lost' && (claim.leaseEnds = command.lease))
      }
      case 'report': {
        const claim = this.#pick(command.hand)
        if (claim === undefined) return
        const news = {
          progress: `${++this.#serial}`,
          logs: [`${this.#serial}`],
          ...(command.begun && { begun: true as const }),
        }
        const ours = await subject.report([{ lease: claim.subject, ...news }])
        return assert.deepEqual(ours, await oracle.report([{ lease: claim.oracle, ...news }]), 'the answers of report')
      }
      case 'cancel': {
        const request = { id: ID_LIST[command.id]!, keep: spans[command.keep], then: this.#jobs(command.then) }
        return assert.deepEqual(
          await subject.operate.cancel([request]),
          await oracle.operate.cancel([request]),
          'the answers of cancel',
        )
      }
      case 'retry': {
        const [record] = await oracle.inspect.find([ID_LIST[command.id]!])
        // Where it rejoins its group is left to the backend.
        if (record?.group !== undefined && record.state !== 'scheduled') return
        this.#displaced.add(ID_LIST[command.id]!)
        this.#leave(ID_LIST[command.id]!)
        return this.#both('retry', (operate) => operate.retry([ID_LIST[command.id]!]))
      }
      case 'remove':
        return this.#both('remove', (operate) => operate.remove([ID_LIST[command.id]!]))
      case 'pause':
        return this.#both('pause', (operate) => operate.pause(QUEUE_LIST[command.queue]!))
      case 'resume':
        return this.#both('resume', (operate) => operate.resume(QUEUE_LIST[command.queue]!))
      case 'purge':
        return this.#both('purge', (operate) =>
          operate.purge({ queue: QUEUE_LIST[command.queue]!, state: command.state, limit: ALL }),
        )
      case 'advance':
        await this.#pair.advance()
        for (const claim of this.#claims) if (claim.leaseEnds === 'short') claim.leaseEnds = 'over'
    }
  }

  async #both<T>(verb: string, call: (operate: Stateful['operate']) => Promise<T>): Promise<void> {
    const { subject, oracle } = this.#pair
    assert.deepEqual(await call(subject.operate), await call(oracle.operate), `the answers of ${verb}`)
  }

  async #claim(queue: string, lease: 'short' | 'long', few: boolean): Promise<void> {
    const { subject, oracle, spans } = this.#pair
    const limit = few && (await this.#orderIsDetermined(queue)) ? 2 : ALL
    const request = { queue, limit, lease: spans[lease], wait: 0 }
    const ours = await subject.claim(request, never)
    this.#claimed(ours, await oracle.claim(request, never), lease)
  }

  async #exchange(settlements: readonly Twin[], queue: string): Promise<void> {
    const { subject, oracle, spans } = this.#pair
    if (subject.exchange === undefined || oracle.exchange === undefined) return
    const request = { queue, limit: ALL, lease: spans.long }
    const ours = await subject.exchange(
      settlements.map((each) => each.subject),
      request,
    )
    const theirs = await oracle.exchange(
      settlements.map((each) => each.oracle),
      request,
    )
    this.#settled(settlements, ours.settled, theirs.settled)
    this.#claimed(ours.claimed, theirs.claimed, 'long')
  }

  #claimed(ours: readonly ClaimedJob[], theirs: readonly ClaimedJob[], lease: 'short' | 'long'): void {
    assert.deepEqual(ours.map(facts).toSorted(byId), theirs.map(facts).toSorted(byId), 'the claimed jobs')
    assert.deepEqual(this.#inOrder(ours), this.#inOrder(theirs), 'the order of the claimed jobs')
    for (const { lease: subject, attempt } of ours) {
      for (const { id, leaseEnds, settled } of this.#claims) {
        assert.ok(id !== subject.id || settled || leaseEnds === 'over', `job ${id} is in two hands`)
      }
      const oracle = theirs.find((each) => each.lease.id === subject.id)!.lease
      assert.ok(
        !this.#claims.some((claim) => claim.subject.token === subject.token && claim.id === subject.id),
        `token ${subject.token} came twice`,
      )
      assert.ok(attempt >= 1)
      this.#leave(subject.id)
      this.#claims.push({ id: subject.id, subject, oracle, settled: false, past: false, leaseEnds: lease })
    }
  }

  #leave(id: string): void {
    for (const claim of this.#claims) if (claim.id === id) claim.past = true
  }

  #settled(twins: readonly Twin[], ours: readonly Settled[], theirs: readonly Settled[]): void {
    assert.equal(ours.length, twins.length, 'settle must answer each entry')
    for (const [index, { claim }] of twins.entries()) {
      const [our, their] = [ours[index], theirs[index]]
      if (claim.settled && claim.past)
        assert.ok(our === 'applied' || our === 'lost', `the repeat of a settlement was answered ${String(our)}`)
      else assert.equal(our, their, `settling ${claim.id}`)
      if (their === 'applied') claim.settled = true
    }
  }

  /** Only jobs that were never claimed nor displaced have a place that the contract determines. */
  #inOrder(claimed: readonly ClaimedJob[]): readonly string[] {
    const { features } = this.#pair.subject
    if (!features.fifo) return []
    return claimed
      .filter(({ attempt, lease }) => attempt === 1 && !this.#displaced.has(lease.id))
      .map(({ lease }) => lease.id)
  }

  async #orderIsDetermined(queue: string): Promise<boolean> {
    if (!this.#pair.subject.features.fifo) return false
    const records = (await this.#pair.oracle.inspect.find(ID_LIST)).filter((record) => record?.queue === queue)
    return records.every(
      (record) =>
        record === undefined ||
        record.finishedAt !== undefined ||
        (record.state === 'active' &&
          !this.#claims.some(({ id, leaseEnds, settled }) => id === record.id && leaseEnds === 'over' && !settled)) ||
        (record.attempt === 0 && record.group === undefined && !this.#displaced.has(record.id)),
    )
  }

  async #compareRecords(): Promise<void> {
    const { subject, oracle } = this.#pair
    const [ours, theirs] = await Promise.all([subject.inspect.find(ID_LIST), oracle.inspect.find(ID_LIST)])
    for (const [index, their] of theirs.entries())
      assert.deepEqual(comparable(ours[index]), comparable(their), `the record of ${ID_LIST[index]}`)
    for (const queue of QUEUE_LIST) {
      const [{ oldest: _, ...our }, { oldest: __, ...their }] = await Promise.all([
        subject.inspect.counts(queue),
        oracle.inspect.counts(queue),
      ])
      assert.deepEqual({ ...our }, { ...their }, `the counts of ${queue}`)
    }
  }

  #pick({ current, pick, forged }: Hand): Claim | undefined {
    const newest = new Map(this.#claims.map((claim) => [claim.id, claim]))
    const candidates = this.#claims.filter((claim) => (newest.get(claim.id) === claim && !claim.settled) === current)
    const claim = candidates[pick % Math.max(1, candidates.length)]
    if (claim === undefined || !forged) return claim
    return { ...claim, subject: forgery(claim.subject), oracle: forgery(claim.oracle), settled: false }
  }

  #settlements(plans: readonly SettlePlan[]): readonly Twin[] {
    const twins = plans.flatMap((plan) => {
      const claim = this.#pick(plan.hand)
      if (claim === undefined) return []
      const rest = this.#outcome(plan)
      return [
        {
          claim,
          subject: { lease: claim.subject, ...rest } as Settlement,
          oracle: { lease: claim.oracle, ...rest } as Settlement,
        },
      ]
    })
    // Queues may be kept apart, so what follows from jobs of several has no order.
    if (new Set(twins.map(({ subject }) => subject.lease.queue)).size > 1)
      for (const { subject } of twins) for (const { id } of subject.then ?? []) this.#displaced.add(id)
    return twins
  }

  #outcome({ to, keep, delay, counts, then }: SettlePlan): object {
    const { spans } = this.#pair
    const words = `"${++this.#serial}"`
    const followers = then.length === 0 ? {} : { then: this.#jobs(then) }
    switch (to) {
      case 'completed':
        return { to, keep: spans[keep], ...followers, ...(this.#pair.subject.features.results && { result: words }) }
      case 'dead':
        return { to, keep: spans[keep], ...followers, error: words }
      case 'cancelled':
        return { to, keep: spans[keep], ...followers }
      case 'waiting':
        return { to, delay: spans[delay], counts, ...followers, ...(counts === 'failure' && { error: words }) }
    }
  }

  #jobs(plans: readonly JobPlan[]): NewJob[] {
    return plans.map((plan) => this.#job(plan))
  }

  #job({ id, delay, priority, unique, group }: JobPlan): NewJob {
    const { features } = this.#pair.subject
    const { spans } = this.#pair
    // For good: a plan without a delay may be a repeat, which changes nothing.
    if (delay !== 'none') this.#displaced.add(ID_LIST[id]!)
    return {
      id: ID_LIST[id]!,
      queue: QUEUE_LIST[id % QUEUES]!,
      name: `name-${id % 3}`,
      payload: `${++this.#serial}`,
      headers: {},
      ...(features.delay && delay !== 'none' && { delay: spans[delay] }),
      ...(features.priority && priority > 0 && { priority }),
      ...(features.unique &&
        unique && {
          unique: { key: `key-${unique.key}`, ...(unique.within !== 'none' && { within: spans[unique.within] }) },
        }),
      ...(features.group && group !== undefined && { group: `group-${group}` }),
    }
  }
}

interface Twin {
  readonly claim: Claim
  readonly subject: Settlement
  readonly oracle: Settlement
}

function forgery(lease: Lease): Lease {
  return { ...lease, token: `${lease.token.split(':')[0]}:forged` }
}

interface Facts extends Pick<ClaimedJob, 'name' | 'payload' | 'attempt' | 'failures' | 'crashes' | 'redrives'> {
  readonly id: string
  readonly queue: string
  readonly cancelRequested: boolean
}

function facts({
  lease,
  name,
  payload,
  attempt,
  failures,
  crashes,
  redrives,
  cancelRequested = false,
}: ClaimedJob): Facts {
  return { id: lease.id, queue: lease.queue, name, payload, attempt, failures, crashes, redrives, cancelRequested }
}

const byId = (a: Facts, b: Facts): number => (a.id < b.id ? -1 : 1)

/** A record without moments, which differ between two clocks. */
function comparable(record: JobRecord | undefined): object | undefined {
  if (record === undefined) return undefined
  const { enqueuedAt: _, dueAt: __, claimedAt: ___, finishedAt: ____, headers: _____, ...rest } = record
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
}
