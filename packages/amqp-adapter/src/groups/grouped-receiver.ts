import type { ClaimedJob, ClaimRequest, Extended, Lease, Ms } from '@jobport/core/adapter'
import { openChannel } from '../connection/open-channel.ts'
import { failure } from '../failure.ts'
import { NAME } from '../limits.ts'
import type { Held } from '../receive/delivery.ts'
import type { Holder } from '../receive/holder.ts'
import { LINGER, type Receiver, type ReceiverOptions } from '../receive/receiver.ts'
import { Partition } from './partition.ts'

export interface GroupedReceiverOptions extends Omit<ReceiverOptions, 'serverQueue' | 'byPriority' | 'connected'> {
  /** The queues of its groups on the server. */
  readonly serverQueues: readonly string[]
  /** Of the jobs without a group. */
  readonly plain: Receiver
}

/**
 * The jobs of one queue that has groups. Claims take them from the partitions that this process has, and jobs without a group from where those are.
 * A partition in which nothing is at work is left as soon as nobody claims, so that other processes get their share.
 */
export class GroupedReceiver implements Holder {
  readonly #options: GroupedReceiverOptions
  readonly #partitions: readonly Partition[]
  /** Ends the waiting of claims, since there may be something for them. */
  readonly #waiting = new Set<AbortController>()
  #claims = 0
  #lastClaim: Ms = 0
  #idleTimer: NodeJS.Timeout | undefined
  /** The last claim could not take all that there is of groups; so the next one begins with what has none. */
  #isPlainNext = false
  /** With which partition the next claim begins. */
  #first = 0
  #isClosed = false

  constructor(options: GroupedReceiverOptions) {
    this.#options = options
    const { queue, holdFor, patience, connection, onGone, warn } = options
    this.#partitions = options.serverQueues.map(
      (serverQueue) =>
        new Partition({
          queue,
          serverQueue,
          holdFor,
          patience,
          newChannel: () => openChannel(connection(), patience),
          onChange: () => this.#wake(),
          onForeign: () =>
            warn(`${NAME}: a message in ${serverQueue} is no job of a group, and was moved to its dead-letter queue`),
          onLost: (reason) => {
            onGone()
            warn(`${NAME}: the channel of ${serverQueue} has ended, its jobs are given out again: ${reason.message}`)
            this.#wake()
          },
        }),
    )
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    if (request.limit === 0) return []
    this.#claims++
    try {
      return await this.#claim(request, signal)
    } catch (error) {
      // Nobody waits for it any more.
      if (signal.aborted || this.#isClosed) return []
      throw failure(error, { outcome: 'none' })
    } finally {
      this.#claims--
      this.#lastClaim = performance.now()
      this.#watchIdle()
    }
  }

  async #claim({ limit, lease, wait }: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const { plain } = this.#options
    const until = performance.now() + wait
    while (!signal.aborted && !this.#isClosed) {
      await this.#open(signal)
      if (signal.aborted) return []
      if (this.#isPlainNext) {
        this.#isPlainNext = false
        const jobs = await plain.claim({ limit, lease, wait: 0 }, signal)
        if (jobs.length > 0) return jobs
      }
      const jobs = this.#take(limit, lease)
      if (jobs.length > 0) return jobs
      const wake = new AbortController()
      const others = await this.#whileNothingChanges(wake, signal, () =>
        plain.claim({ limit, lease, wait: Math.max(0, until - performance.now()) }, wake.signal),
      )
      if (others.length > 0) return others
      if (!wake.signal.aborted) {
        if (wait === 0) await Promise.all(this.#partitions.map((partition) => partition.settled()))
        return this.#take(limit, lease)
      }
    }
    return []
  }

  /** `wake` is aborted when there may be something in groups, and with `signal`. */
  async #whileNothingChanges<T>(wake: AbortController, signal: AbortSignal, step: () => Promise<T>): Promise<T> {
    const abort = (): void => wake.abort()
    signal.addEventListener('abort', abort)
    this.#waiting.add(wake)
    try {
      return await step()
    } finally {
      this.#waiting.delete(wake)
      signal.removeEventListener('abort', abort)
    }
  }

  /** For how long groups of this process still wait for the retry of their first job while others wait behind it. */
  get rests(): readonly Ms[] {
    return this.#partitions.flatMap((partition) => partition.rests)
  }

  find({ id, token }: Lease): Held | undefined {
    return this.#holderOf(id, token)?.find(id, token)
  }

  done(held: Held, returns: boolean): boolean {
    return this.#holderOf(held.delivery.envelope.id, held.token)?.done(held, returns) ?? false
  }

  /** Nothing waits for it. */
  flush(): void {}

  extend({ id, token }: Lease, lease: Ms): Extended {
    const partition = this.#holderOf(id, token)
    const held = partition?.find(id, token)
    return held !== undefined && partition!.extend(held, lease) ? 'applied' : 'lost'
  }

  /** The connection is gone, and with it all that came by it. */
  disconnected(reason: Error): void {
    for (const partition of this.#partitions) partition.disconnected(reason)
  }

  /** Ends all claims with no jobs. */
  endClaims(): void {
    this.#isClosed = true
    clearTimeout(this.#idleTimer)
    this.#wake()
  }

  async close(): Promise<void> {
    this.endClaims()
    await Promise.all(this.#partitions.map((partition) => partition.close()))
  }

  #holderOf(id: string, token: string): Partition | undefined {
    return this.#partitions.find((partition) => partition.find(id, token) !== undefined)
  }

  /** Sees to it that all partitions are open. Whoever does not wait for that any more lets it go on for the next claim. */
  async #open(signal: AbortSignal): Promise<void> {
    if (this.#partitions.every(({ isOpen }) => isOpen)) return
    const opening = this.#openAll()
    opening.catch(() => {})
    const { promise: aborted, resolve } = Promise.withResolvers<void>()
    const abort = (): void => resolve()
    signal.addEventListener('abort', abort)
    try {
      await Promise.race([opening, aborted])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #openAll(): Promise<void> {
    await this.#options.ensure()
    await Promise.all(this.#partitions.map((partition) => partition.open()))
  }

  #take(limit: number, lease: Ms): readonly ClaimedJob[] {
    const jobs: ClaimedJob[] = []
    const count = this.#partitions.length
    for (let step = 0; step < count && jobs.length < limit; step++) {
      jobs.push(...this.#partitions[(this.#first + step) % count]!.take(limit - jobs.length, lease))
    }
    this.#first = (this.#first + 1) % count
    this.#isPlainNext = jobs.length === limit
    return jobs
  }

  #wake(): void {
    for (const wake of this.#waiting) wake.abort()
  }

  #watchIdle(): void {
    if (this.#idleTimer !== undefined || this.#isClosed) return
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined
      const isIdle = this.#claims === 0 && this.#lastClaim + LINGER <= performance.now()
      if (isIdle) for (const partition of this.#partitions) if (!partition.isBusy) void partition.close()
      if (this.#partitions.some(({ isOpen }) => isOpen)) this.#watchIdle()
    }, LINGER)
  }
}
