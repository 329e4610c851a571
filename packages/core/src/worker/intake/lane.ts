import { Fifo } from '../../batch/fifo.ts'
import type { Ms } from '../../contract/job.ts'
import type { ManyHandler } from '../handling/handler.ts'
import type { Run } from '../run.ts'

/** A claim in flight, as its lane counts it. */
export class LaneClaim {
  readonly lane: Lane
  readonly limit: number
  readonly waits: boolean
  #asked = 0
  #isComing = false

  constructor(lane: Lane, limit: number, waits: boolean) {
    this.lane = lane
    this.limit = limit
    this.waits = waits
    lane.claims++
    if (waits) lane.waiting = true
    else this.#expect(limit)
  }

  /** The wait is over; so many jobs are on their way. */
  comes(jobs: number): void {
    this.#isComing = true
    this.lane.waiting = false
    this.lane.coming++
    this.#expect(jobs)
  }

  end(): void {
    const { lane } = this
    lane.claims--
    lane.asked -= this.#asked
    if (this.#isComing) lane.coming--
    else if (this.waits) lane.waiting = false
  }

  #expect(jobs: number): void {
    this.#asked = jobs
    this.lane.asked += jobs
  }
}

/** One queue as a worker sees it. */
export class Lane {
  readonly queue: string
  readonly weight: number
  /** Claims in flight, and how many jobs those may bring that do not wait. */
  claims = 0
  asked = 0
  /** A claim is waiting for the first job. */
  waiting = false
  /** Claims that waited, and whose jobs are on their way. */
  coming = 0
  /** The last claim brought fewer jobs than it might have, so the next one waits. */
  drained = false
  /** No claims before this: the last one failed. */
  restUntil: Ms = 0
  /** Cancels the timer that ends the rest. */
  endRest: (() => void) | undefined
  /** Grows with every failed claim in a row. */
  failures = 0
  /** How much of its share this lane has had: the one that had least is next ("stride scheduling", Waldspurger and Weihl, 1995). */
  claimPass = 0
  startPass = 0
  readonly #ready = new Fifo<Run>()
  readonly #batches = new Map<ManyHandler, Run[]>()
  #length = 0

  constructor(queue: string, weight: number) {
    this.queue = queue
    this.weight = weight
  }

  /** How many claimed jobs have not been started. */
  get ready(): number {
    return this.#length
  }

  add(run: Run): void {
    this.#length++
    if (run.handler.kind === 'one') return this.#ready.push(run)
    // The first of a batch keeps its place in the line; those behind it join.
    const batch = this.#batches.get(run.handler)
    if (batch !== undefined) {
      batch.push(run)
      return
    }
    this.#batches.set(run.handler, [run])
    this.#ready.push(run)
  }

  /** The next to start: one run, or a batch for a handler of many. Runs that ended meanwhile are passed over. */
  next(): Run | Run[] | undefined {
    for (;;) {
      const run = this.#ready.shift()
      if (run === undefined) return undefined
      if (run.handler.kind === 'one') {
        this.#length--
        if (run.state === 'ready') return run
        continue
      }
      const batch = this.#takeBatch(run.handler)
      if (batch.length > 0) return batch
    }
  }

  takeAll(): Run[] {
    const batched = [...this.#batches.values()].flat()
    const runs = [...this.#ready.takeAll().filter((run) => run.handler.kind === 'one'), ...batched]
    this.#batches.clear()
    this.#length = 0
    return runs.filter((run) => run.state === 'ready')
  }

  #takeBatch(handler: ManyHandler): Run[] {
    const all = this.#batches.get(handler) ?? []
    const batch = all.splice(0, handler.size)
    this.#length -= batch.length
    if (all.length > 0) this.#ready.push(all[0]!)
    else this.#batches.delete(handler)
    return batch.filter((run) => run.state === 'ready')
  }
}
