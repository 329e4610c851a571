import type { FinalState, Ms } from '@jobport/core'
import { react, type EventOf, type Follower, type HistoryEvent, type Reactions } from '../history/event.ts'

/** One time that a job was handed out. */
export interface Claim {
  readonly by: string
  readonly attempt: number
  readonly at: Ms
  /** When the lease ends, by the server's clock. */
  until: Ms
  /** It was put on record that the handler is about to be called. */
  begun: boolean
  /** What the settlement said that ended it. */
  settled: EventOf<'settle'>['to'] | undefined
}

/** What is known of a job, from what the server did. */
export interface Job {
  readonly id: string
  readonly queue: string
  readonly name: string
  readonly key: string | undefined
  readonly group: string | undefined
  readonly unique: string | undefined
  /** The unique key is taken at least until then. */
  readonly uniqueUntil: Ms
  state: 'open' | 'active' | FinalState
  attempt: number
  failures: number
  crashes: number
  redrives: number
  cancelRequested: boolean
  readonly claims: Claim[]
  /** Every time that it came to a final state. */
  readonly outcomes: FinalState[]
}

/** The jobs as they must be if the server is right: what every claim, settlement and cancellation that it granted amounts to. */
export class Ledger {
  readonly jobs = new Map<string, Job>()
  readonly active = new Set<Job>()
  readonly paused = new Set<string>()
  readonly #reactions: Reactions = {
    enqueue: (event) => {
      if (event.status === 'enqueued') this.#add(event, event)
    },
    claim: (event) => this.#claim(event),
    begun: ({ id, attempt, reply }) => {
      const claim = this.claimOf(id, attempt)
      if (claim !== undefined && reply === 'applied') claim.begun = true
    },
    settle: (event) => this.#settle(event),
    extend: ({ at, id, attempt, lease, reply }) => {
      const claim = this.claimOf(id, attempt)
      if (claim !== undefined && (reply === 'applied' || reply === 'cancelled')) claim.until = at + lease
    },
    cancel: (event) => this.#cancel(event),
    retry: ({ id, reply }) => {
      if (reply) this.#retry(this.jobs.get(id))
    },
    'pause-queue': ({ queue }) => this.paused.add(queue),
    'resume-queue': ({ queue }) => this.paused.delete(queue),
  }

  /** The claim that holds the job now. */
  holding(job: Job): Claim | undefined {
    return job.state === 'active' ? job.claims.at(-1) : undefined
  }

  claimOf(id: string, attempt: number): Claim | undefined {
    return this.jobs.get(id)?.claims.find((claim) => claim.attempt === attempt)
  }

  /** What a claim adds to the crashes of a job: the first lapse counts always, a later one only where the job had begun. */
  blame(job: Job): 0 | 1 {
    const claim = this.holding(job)
    return claim !== undefined && (job.crashes === 0 || claim.begun) ? 1 : 0
  }

  apply(event: HistoryEvent): void {
    react(this.#reactions, event)
  }

  #add(job: Follower, { at, group, unique, within = 0 }: Partial<EventOf<'enqueue'>> & { readonly at: Ms }): void {
    const { id, queue, name, key } = job
    if (this.jobs.has(id)) return
    this.jobs.set(id, {
      id,
      queue,
      name,
      key,
      group,
      unique,
      uniqueUntil: at + within,
      state: 'open',
      attempt: 0,
      failures: 0,
      crashes: 0,
      redrives: 0,
      cancelRequested: false,
      claims: [],
      outcomes: [],
    })
  }

  #claim({ at, by, id, attempt, lease }: EventOf<'claim'>): void {
    const job = this.jobs.get(id)
    if (job === undefined) return
    job.crashes += this.blame(job)
    job.state = 'active'
    job.attempt = attempt
    job.claims.push({ by, attempt, at, until: at + lease, begun: false, settled: undefined })
    this.active.add(job)
  }

  #settle(event: EventOf<'settle'>): void {
    const job = this.jobs.get(event.id)
    // Nobody knows whether an unfenced settlement did anything; what follows from it may be there.
    if (event.reply === 'unknown') for (const follower of event.then ?? []) this.#add(follower, { at: event.at })
    if (job === undefined || event.reply !== 'applied') return
    const claim = this.claimOf(event.id, event.attempt)
    if (claim === undefined || claim.settled !== undefined) return
    claim.settled = event.to
    if (event.to === 'waiting') {
      job.state = 'open'
      if (event.counts === 'failure') job.failures++
    } else {
      job.state = event.to
      job.outcomes.push(event.to)
    }
    this.active.delete(job)
    for (const follower of event.then ?? []) this.#add(follower, { at: event.at })
  }

  #cancel({ at, id, then, reply }: EventOf<'cancel'>): void {
    const job = this.jobs.get(id)
    if (job === undefined) return
    if (reply === 'requested') job.cancelRequested = true
    if (reply !== 'cancelled') return
    job.state = 'cancelled'
    job.outcomes.push('cancelled')
    for (const follower of then ?? []) this.#add(follower, { at })
  }

  #retry(job: Job | undefined): void {
    if (job === undefined || !isFinal(job)) return
    job.state = 'open'
    job.failures = 0
    job.crashes = 0
    job.redrives++
    job.cancelRequested = false
  }
}

export function isFinal({ state }: Pick<Job, 'state'>): boolean {
  return state === 'completed' || state === 'dead' || state === 'cancelled'
}
