import {
  sleep,
  systemClock,
  type ClaimedJob,
  type ClaimRequest,
  type Enqueued,
  type Extended,
  type Features,
  type Health,
  type JobId,
  type Lease,
  type Limits,
  type Mover,
  type Ms,
  type NewJob,
  type Settled,
  type Settlement,
} from '@jobport/core/adapter'

/** The jobs that one call of a function brings, as a backend that has no others. All else is done by the backend they came from. */
export class BatchBackend implements Mover {
  readonly name: string
  readonly features: Features
  readonly limits: Limits
  readonly #backend: Mover
  readonly #keepsOrder: boolean
  readonly #waiting: ClaimedJob[]
  /** Tokens of jobs that were given out and not settled. */
  readonly #open = new Set<string>()
  /** The id and the group of every job that was given out, by its token. */
  readonly #ids = new Map<string, JobId>()
  readonly #groups = new Map<string, string | undefined>()
  /** Tokens of jobs that are over. */
  readonly #over = new Set<string>()
  /** Groups of which a job is running, or has to come again before the others. */
  readonly #held = new Set<string>()
  readonly #blocked = new Set<string>()
  #changed = Promise.withResolvers<void>()
  readonly #ended = Promise.withResolvers<void>()

  constructor(backend: Mover, jobs: readonly ClaimedJob[]) {
    this.name = backend.name
    this.features = backend.features
    this.limits = backend.limits
    this.#backend = backend
    this.#keepsOrder = backend.features.group
    this.#waiting = [...jobs]
    if (jobs.length === 0) this.#ended.resolve()
  }

  /** Resolves when nothing is left to run or to settle. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }

  isOver({ token }: Lease): boolean {
    return this.#over.has(token)
  }

  open(): Promise<void> {
    return this.#backend.open()
  }

  /** Other calls of the function go on using it. */
  async close(): Promise<void> {}

  health(): Promise<Health> {
    return this.#backend.health()
  }

  enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return this.#backend.enqueue(jobs)
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const until = systemClock.now() + request.wait
    for (;;) {
      if (signal.aborted) return []
      const jobs = this.#take(request)
      const wait = until - systemClock.now()
      if (jobs.length > 0 || wait <= 0) return jobs
      const timeout = new AbortController()
      const aborted = AbortSignal.any([signal, timeout.signal])
      await Promise.race([this.#changed.promise, sleep(systemClock, wait, aborted)])
      timeout.abort()
    }
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const answers = await this.#backend.settle(settlements)
    settlements.forEach((settlement, index) => {
      const answer = answers[index]!
      if (typeof answer === 'string')
        this.#end(settlement.lease.token, settlement.to !== 'waiting' && answer !== 'lost')
    })
    return answers
  }

  /** The outcome of a job could not be stored. */
  lose(id: JobId): void {
    for (const token of this.#open) if (this.#ids.get(token) === id) this.#end(token, false)
  }

  extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    return this.#backend.extend(leases, lease)
  }

  #take({ queue, limit }: ClaimRequest): readonly ClaimedJob[] {
    const taken: ClaimedJob[] = []
    for (const job of this.#waiting.slice()) {
      if (taken.length === limit) break
      const { lease, group } = job
      const isNext = group === undefined || !this.#keepsOrder || !this.#held.has(group)
      if (lease.queue !== queue || !isNext) continue
      if (group !== undefined) this.#held.add(group)
      this.#waiting.splice(this.#waiting.indexOf(job), 1)
      this.#open.add(lease.token)
      this.#groups.set(lease.token, group)
      this.#ids.set(lease.token, lease.id)
      taken.push(job)
    }
    return taken
  }

  #end(token: string, isOver: boolean): void {
    const group = this.#groups.get(token)
    if (isOver) this.#over.add(token)
    this.#open.delete(token)
    if (group !== undefined) {
      if (isOver) this.#held.delete(group)
      else this.#blocked.add(group)
    }
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
    const isLeft = this.#waiting.some((job) => job.group === undefined || !this.#blocked.has(job.group))
    if (this.#open.size === 0 && !isLeft) this.#ended.resolve()
  }
}
