import type { JobRecord, Ms } from '@jobport/core'
import type { EventOf, Handed, HistoryEvent, Sent } from '../history/event.ts'

/** One time that a job was handed out, as far as the process lived to tell. */
export interface Attempt extends Handed {
  readonly by: string
  readonly queue: string
  /** When it was asked for, and when it was there. */
  readonly since: Ms
  readonly at: Ms
  /** The newest grant of the lease: asked for at `since`, there at `at`. The lease begins somewhere between. */
  grant: { readonly since: Ms; readonly at: Ms }
  started?: Ms
  readonly ends: { readonly at: Ms; readonly how: string }[]
  settlement?: Settlement
  /** Extensions that were answered. */
  readonly extensions: { readonly since: Ms; readonly at: Ms; readonly reply: string }[]
}

/** What became of an attempt; sent once or more, always the same. */
export interface Settlement extends Pick<Sent, 'to' | 'counts'> {
  /** When it was sent first. */
  readonly since: Ms
  /** How often it was sent. */
  sends: number
  readonly replies: { readonly at: Ms; readonly reply: string }[]
}

/** What is known of a job, from all who had to do with it. */
export interface Job {
  readonly id: string
  readonly attempts: Attempt[]
  /** Each try to enqueue it and what came of it. */
  readonly enqueues: { readonly by: string; readonly since: Ms; readonly at: Ms; readonly of: string | undefined }[]
  record?: JobRecord
}

/** Something that kept the server, or a process, from what it should have done: it excuses what would be a fault otherwise. */
export interface Trouble {
  readonly from: Ms
  readonly to: Ms
}

/** What befell a process. */
export interface Life {
  /** It was stopped, or is dead. */
  readonly troubles: Trouble[]
  /** When it was asked to end. */
  asked?: Ms
  /** When it had ended by itself. */
  closed?: Ms
}

/** A whole history, by job and by process. */
export class Ledger {
  readonly jobs = new Map<string, Job>()
  readonly claims: EventOf<'claimed'>[] = []
  readonly deliveries: EventOf<'deliver'>[] = []
  readonly counts: EventOf<'counts'>[] = []
  readonly exits: EventOf<'exit'>[] = []
  readonly deadLetters = new Set<string>()
  readonly troubles: Trouble[] = []
  readonly lives = new Map<string, Life>()
  readonly #stops: Trouble[] = []
  readonly #stopped = new Map<string, Ms>()
  readonly #attempts = new Map<string, Attempt>()
  readonly #calls = new Map<string, HistoryEvent>()

  /** `isFile`: who is stopped in the middle of a write has locked the file, and everybody waits for it. */
  constructor(history: readonly HistoryEvent[], isFile: boolean) {
    for (const event of history) this.#add(event)
    if (isFile) this.troubles.push(...this.#stops)
  }

  job(id: string): Job {
    let job = this.jobs.get(id)
    if (job === undefined) this.jobs.set(id, (job = { id, attempts: [], enqueues: [] }))
    return job
  }

  life(process: string): Life {
    let life = this.lives.get(process)
    if (life === undefined) this.lives.set(process, (life = { troubles: [] }))
    return life
  }

  #add(event: HistoryEvent): void {
    switch (event.type) {
      case 'enqueue':
      case 'settle':
        this.#calls.set(`${event.by} ${event.type} ${event.call}`, event)
        if (event.type === 'settle') this.#settle(event)
        break
      case 'accepted':
        this.#accepted(event)
        break
      case 'claimed':
        this.claims.push(event)
        for (const handed of event.jobs) this.#claimed(event, handed)
        break
      case 'settled':
        this.#settled(event)
        break
      case 'extended':
        this.#extended(event)
        break
      case 'start':
      case 'end':
        this.#handled(event)
        break
      case 'deliver':
        this.deliveries.push(event)
        break
      case 'kill':
      case 'stop':
        if (event.type === 'stop') this.#stopped.set(event.process, event.at)
        this.life(event.process).troubles.push({ from: event.at, to: Infinity })
        break
      case 'continue':
        end(this.life(event.process).troubles, event.at)
        this.#goesOn(event)
        break
      case 'terminate':
        this.life(event.process).asked = event.at
        break
      case 'exit':
        this.exits.push(event)
        this.#goesOn(event)
        // A job may have taken it down.
        if (event.how === 'SIGKILL') this.life(event.process).troubles.push({ from: event.at, to: Infinity })
        break
      case 'closed':
        this.life(event.by).closed = event.at
        break
      case 'trouble':
        this.troubles.push({ from: event.at, to: Infinity })
        break
      case 'relief':
        end(this.troubles, event.at)
        break
      case 'counts':
        this.counts.push(event)
        break
      case 'record':
        this.job(event.record.id).record = event.record
        break
      case 'dead letter':
        this.deadLetters.add(event.id)
        break
      case 'begin':
      case 'rejected':
      case 'claim':
      case 'told':
      case 'error':
      case 'done':
      case 'closing':
      case 'spawn':
      case 'calm':
        break
    }
  }

  /** A process that was stopped is not any more. */
  #goesOn({ process, at }: EventOf<'continue' | 'exit'>): void {
    const from = this.#stopped.get(process)
    if (from === undefined) return
    this.#stopped.delete(process)
    this.#stops.push({ from, to: at })
  }

  #accepted({ by, call, id, of, at }: EventOf<'accepted'>): void {
    const since = this.#calls.get(`${by} enqueue ${call}`)!.at
    this.job(id).enqueues.push({ by, since, at, of })
  }

  #claimed({ by, queue, since, at }: EventOf<'claimed'>, handed: Handed): void {
    const attempt: Attempt = { ...handed, by, queue, since, at, grant: { since, at }, ends: [], extensions: [] }
    this.job(handed.id).attempts.push(attempt)
    this.#attempts.set(`${by} ${handed.id} ${handed.token}`, attempt)
    this.#attempts.set(`${by} ${handed.id} ${handed.attempt}`, attempt)
  }

  #settle({ by, at, sent }: EventOf<'settle'>): void {
    for (const { id, token, to, counts } of sent) {
      const attempt = this.#attempts.get(`${by} ${id} ${token}`)
      if (attempt === undefined) continue
      if (attempt.settlement !== undefined) attempt.settlement.sends++
      else attempt.settlement = { to, ...(counts && { counts }), since: at, sends: 1, replies: [] }
    }
  }

  #settled({ by, at, call, replies }: EventOf<'settled'>): void {
    const { sent } = this.#calls.get(`${by} settle ${call}`) as EventOf<'settle'>
    for (const [index, { id, token }] of sent.entries())
      this.#attempts.get(`${by} ${id} ${token}`)?.settlement?.replies.push({ at, reply: replies[index]! })
  }

  #extended({ by, since, at, leases }: EventOf<'extended'>): void {
    for (const { id, token, reply } of leases) {
      const attempt = this.#attempts.get(`${by} ${id} ${token}`)
      if (attempt === undefined) continue
      attempt.extensions.push({ since, at, reply })
      if (reply === 'applied') attempt.grant = { since, at }
    }
  }

  #handled(event: EventOf<'start' | 'end'>): void {
    const attempt = this.#attempts.get(`${event.by} ${event.id} ${event.attempt}`)
    if (attempt === undefined) return
    if (event.type === 'start') attempt.started = event.at
    else attempt.ends.push({ at: event.at, how: event.how })
  }
}

function end(troubles: Trouble[], at: Ms): void {
  troubles.push({ from: troubles.pop()!.from, to: at })
}

/** Whether any of them fell into that time. */
export function isTroubled(troubles: readonly Trouble[], from: Ms, to: Ms): boolean {
  return troubles.some((trouble) => trouble.from < to && trouble.to > from)
}

/**
 * What was answered to a settlement: that it is so, or that it is not; `undefined` where nobody knows. Whoever sends it a second time may be
 * told that it is late, though the first was in time: when others have ended the job meanwhile, only the last of its tokens is known.
 */
export function verdictOn({ settlement }: Attempt): 'applied' | 'lost' | undefined {
  const replies = settlement?.replies.map(({ reply }) => reply) ?? []
  if (replies.includes('applied')) return 'applied'
  return replies.includes('lost') && settlement!.sends === 1 ? 'lost' : undefined
}

/** The outcome that the last of its attempts to have one has sent, whatever became of it. */
export function sentOutcome({ attempts }: Job): Settlement['to'] | undefined {
  return attempts.map(({ settlement }) => settlement?.to).findLast((to) => to !== undefined && to !== 'waiting')
}

export function isFinal(state: string): boolean {
  return state === 'completed' || state === 'dead' || state === 'cancelled'
}
