import type { BackendError, ClaimedJob, ClaimRequest, Extended, Lease, Ms } from '@jobport/core/adapter'
import type { ChannelModel } from 'amqplib'
import { openChannel } from '../connection/open-channel.ts'
import { within } from '../connection/within.ts'
import { failure, replyOf } from '../failure.ts'
import { NAME } from '../limits.ts'
import { Watch } from '../watch.ts'
import { claimed, lookAgain, type Held } from './delivery.ts'
import type { Holder } from './holder.ts'
import { Receiving } from './receiving.ts'

export interface ReceiverOptions {
  /** Its name to users, and on the server. */
  readonly queue: string
  readonly serverQueue: string
  readonly byPriority: boolean
  /** No delivery is held for longer. */
  readonly holdFor: Ms
  /** For an answer of the server. */
  readonly patience: Ms
  readonly connection: () => ChannelModel | undefined
  /** Resolves when there is one. */
  readonly connected: () => Promise<void>
  /** Sees to it that the queue is there. */
  readonly ensure: () => Promise<void>
  /** The queue may be gone. */
  readonly onGone: () => void
  readonly warn: (message: string) => void
}

interface Claim {
  readonly limit: number
  readonly lease: Ms
  /** When it has waited for long enough. Monotonic. */
  readonly until: Ms
  /** It does not wait, and what it gets had to be ordered first: it takes all that comes until the queue has answered. */
  readonly gathers: boolean
  readonly resolve: (jobs: readonly ClaimedJob[]) => void
  readonly reject: (error: BackendError) => void
}

/** What was delivered and is claimed by nobody goes back after so long, and nothing more is ordered when nobody has claimed for so long. */
export const LINGER: Ms = 250

/**
 * The jobs of one queue on their way to this process. Claims pull, RabbitMQ pushes: so as many deliveries are ordered as waiting claims ask for, and each
 * settlement lets the next one come. A claim that finds deliveries waiting takes them; one that finds none waits for them. Where it may not wait,
 * it fetches: the answer says that the queue is empty. What nobody claims goes back, so that no process sits on work that another could do.
 */
export class Receiver implements Holder {
  readonly #options: ReceiverOptions
  readonly #claims = new Set<Claim>()
  #receiving: Receiving | undefined
  #opening: Promise<Receiving> | undefined
  #ordering: Promise<void> | undefined
  /** The server could not take the order yet; it is given again on the next channel or connection. */
  #isEarly = false
  #isServing = false
  #lastClaim: Ms = 0
  #idleTimer: NodeJS.Timeout | undefined
  readonly #leases = new Watch((now) => this.#giveBack(now))
  readonly #waits = new Watch((now) => this.#endWaits(now))
  #isClosed = false

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  claim({ limit, lease, wait }: Omit<ClaimRequest, 'queue'>, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    this.#lastClaim = performance.now()
    if (signal.aborted || limit === 0) return Promise.resolve([])
    const ready = this.#take(limit, lease)
    if (ready.length > 0) return Promise.resolve(ready)
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal.removeEventListener('abort', abort)
        this.#claims.delete(claim)
        this.#watchIdle()
      }
      const claim: Claim = {
        limit,
        lease,
        until: wait > 0 ? performance.now() + wait : Infinity,
        gathers: wait === 0 && this.#missing() + limit > 0,
        resolve: (jobs) => {
          end()
          resolve(jobs)
        },
        reject: (error) => {
          end()
          reject(error)
        },
      }
      const abort = (): void => claim.resolve([])
      signal.addEventListener('abort', abort)
      this.#claims.add(claim)
      const ordered = this.#order()
      if (wait > 0) this.#waits.at(claim.until)
      else void ordered.then(() => this.#fetchFor(claim))
    })
  }

  find({ id, token }: Lease): Held | undefined {
    return this.#receiving?.find(id, token)
  }

  done(held: Held): boolean {
    return this.#receiving?.done(held) ?? false
  }

  flush(): void {
    this.#attempt((receiving) => receiving.flush())
  }

  extend(leased: Lease, lease: Ms): Extended {
    const held = this.find(leased)
    if (held === undefined) return 'lost'
    const now = performance.now()
    if (this.#latest(held) <= now) return 'lost'
    held.deadline = Math.min(now + lease, this.#latest(held))
    this.#leases.at(held.deadline)
    return 'applied'
  }

  /** The connection is gone, and with it all that came by it. */
  disconnected(reason: Error): void {
    this.#reset(reason)
  }

  /** Ends all claims with no jobs. */
  endClaims(): void {
    this.#isClosed = true
    for (const claim of this.#claims) claim.resolve([])
    clearTimeout(this.#idleTimer)
    this.#waits.stop()
  }

  /** What was acknowledged reaches the server; what is held goes back. */
  async close(): Promise<void> {
    this.endClaims()
    this.#leases.stop()
    const receiving = this.#receiving
    this.#receiving = undefined
    // Ending the connection alone would overtake what the channel has still to say.
    await receiving?.close().catch(() => {})
  }

  #endWaits(now: Ms): Ms {
    let next = Infinity
    for (const claim of this.#claims) {
      if (claim.until <= now) claim.resolve(this.#take(claim.limit, claim.lease))
      else next = Math.min(next, claim.until)
    }
    return next
  }

  #take(limit: number, lease: Ms): readonly ClaimedJob[] {
    const receiving = this.#receiving
    if (receiving === undefined || receiving.waiting === 0) return []
    const deadline = performance.now() + lease
    const jobs: ClaimedJob[] = []
    let first = deadline
    for (const held of receiving.take(limit, deadline)) {
      held.deadline = Math.min(deadline, this.#latest(held))
      first = Math.min(first, held.deadline)
      jobs.push(claimed(this.#options.queue, held))
    }
    this.#leases.at(first)
    return jobs
  }

  #latest({ delivery }: Held): Ms {
    return delivery.arrivedAt + this.#options.holdFor
  }

  /** Gives what has come to those who wait, once all that came together is there. */
  #serveSoon(): void {
    if (this.#isServing) return
    this.#isServing = true
    process.nextTick(() => {
      this.#isServing = false
      for (const claim of this.#claims) {
        if (claim.gathers && (this.#receiving?.waiting ?? 0) < claim.limit) continue
        const jobs = this.#take(claim.limit, claim.lease)
        if (jobs.length === 0) break
        claim.resolve(jobs)
      }
      this.#watchIdle()
    })
  }

  /** How much more claims ask for than is there, or ordered. */
  #missing(): number {
    let asked = 0
    for (const { limit } of this.#claims) asked += limit
    const receiving = this.#receiving
    return receiving === undefined ? asked : asked - receiving.waiting - receiving.free
  }

  /** Orders what is missing. Never rejects: claims hear of it. */
  #order(): Promise<void> {
    if (this.#missing() <= 0) return DONE
    this.#ordering ??= this.#orderMissing()
    return this.#ordering
  }

  async #orderMissing(): Promise<void> {
    let tries = 0
    try {
      do {
        try {
          await this.#orderOnce()
        } catch (error) {
          if (!this.#isEarly || ++tries === TRIES) throw error
          this.#isEarly = false
          await within(this.#options.patience, this.#options.connected())
        }
      } while (!this.#isClosed && this.#missing() > 0)
    } catch (error) {
      this.#fail(failure(error, { outcome: 'none' }))
    } finally {
      // In the same turn as the last look, or a claim in between would be forgotten.
      this.#ordering = undefined
      this.#isEarly = false
    }
  }

  async #orderOnce(): Promise<void> {
    // It may have been deleted since.
    await this.#options.ensure()
    const receiving = this.#receiving ?? (await this.#open())
    const missing = this.#missing()
    if (missing > 0) await within(this.#options.patience, receiving.order(missing))
  }

  async #fetchFor(claim: Claim): Promise<void> {
    const receiving = this.#receiving
    try {
      if (this.#claims.has(claim) && receiving !== undefined) await within(this.#options.patience, receiving.fetch())
    } catch (error) {
      if (this.#claims.has(claim)) claim.reject(failure(error, { outcome: 'none' }))
    }
    if (this.#claims.has(claim)) claim.resolve(this.#take(claim.limit, claim.lease))
  }

  #open(): Promise<Receiving> {
    this.#opening ??= this.#openChannel().finally(() => (this.#opening = undefined))
    return this.#opening
  }

  async #openChannel(): Promise<Receiving> {
    const { connection, patience, queue, serverQueue, byPriority, warn, onGone } = this.#options
    const channel = await openChannel(connection(), patience)
    const receiving = new Receiving(channel, serverQueue, byPriority, {
      onDelivery: () => this.#serveSoon(),
      onForeign: () => warn(`${NAME}: a message in queue ${queue} is no job, and was moved to its dead-letter queue`),
      onQueueGone: () => {
        warn(
          `${NAME}: the server has ended a consumer of queue ${queue}: the queue was deleted, or moved, or a job was held for longer than consumer_timeout`,
        )
        onGone()
        if (receiving.hasDelivered) this.#leave(receiving)
        void this.#order()
      },
    })
    let reason: Error = new Error('the channel was closed')
    channel.on('error', (error) => (reason = error))
    channel.on('close', () => {
      // When the whole connection has ended, `disconnected` tells why before this turn is over.
      process.nextTick(() => {
        if (this.#receiving !== receiving) return
        onGone()
        warn(`${NAME}: the channel of queue ${queue} has ended, its jobs are given out again: ${reason.message}`)
        this.#reset(reason)
      })
    })
    this.#receiving = receiving
    return receiving
  }

  /** The server may have given out anew what came by this channel. RabbitMQ 4.3 does, and would be confused by what is said of it later. */
  #leave(receiving: Receiving): void {
    if (this.#receiving !== receiving) return
    this.#forget()
    if (this.#ordering !== undefined) this.#isEarly = true
    receiving.close().catch(() => {})
  }

  #forget(): void {
    this.#receiving = undefined
    this.#leases.stop()
  }

  #reset(reason: unknown): void {
    this.#forget()
    if (this.#ordering !== undefined && replyOf(reason) === INTERNAL_ERROR) this.#isEarly = true
    else this.#fail(failure(reason, { outcome: 'none' }))
  }

  #fail(reason: BackendError): void {
    for (const claim of this.#claims) claim.reject(reason)
  }

  /** Gives back what nobody has settled or extended in time. */
  #giveBack(now: Ms): Ms {
    let next = Infinity
    this.#attempt((receiving) => {
      for (const held of receiving.held) {
        if (held.deadline <= now && !held.isSettling) receiving.giveBack(held)
        else next = Math.min(next, lookAgain(held, now))
      }
    })
    return next
  }

  #watchIdle(): void {
    if (this.#idleTimer !== undefined || this.#isClosed || !this.#mayIdle()) return
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined
      const now = performance.now()
      const receiving = this.#receiving
      if (receiving === undefined) return
      const isAbandoned = this.#claims.size === 0 && receiving.free > 0 && this.#lastClaim + LINGER <= now
      if (isAbandoned || receiving.waitingSince + LINGER <= now) void this.#withdraw(receiving)
      else this.#watchIdle()
    }, LINGER)
  }

  /** There is something that could be left lying. */
  #mayIdle(): boolean {
    const receiving = this.#receiving
    return receiving !== undefined && (receiving.waiting > 0 || (this.#claims.size === 0 && receiving.free > 0))
  }

  async #withdraw(receiving: Receiving): Promise<void> {
    try {
      await within(this.#options.patience, receiving.withdraw())
    } catch {
      // The channel ended meanwhile, and all of it went back.
    }
    if (this.#claims.size > 0) void this.#order()
  }

  /** On a channel that is closing, or gone, nothing can be said any more; the server knows without it. */
  #attempt(step: (receiving: Receiving) => void): void {
    const receiving = this.#receiving
    if (receiving === undefined) return
    try {
      step(receiving)
    } catch (error) {
      this.#reset(error)
    }
  }
}

/**
 * So RabbitMQ ends the connection that consumes from a quorum queue which another connection is just declaring: the queue is known already, but nobody leads it yet
 * (seen on 3.10, for one of some forty queues that two connections begin to use at once).
 */
const INTERNAL_ERROR = 541

/** A server that answers so again and again is in other trouble, which claims must hear of. */
const TRIES = 3

const DONE = Promise.resolve()
