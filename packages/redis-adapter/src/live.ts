import { claimId, token, type ClaimedJob, type ClaimRequest, type Ms, type NewJob } from '@jobport/core/adapter'
import { unpackId } from './codec/id.ts'
import { span } from './limits.ts'
import type { Settings } from './options.ts'
import type { Scripts } from './scripts/scripts.ts'
import { Session } from './session.ts'
import { claim, readHanded, type Claimed, type Waiting } from './verbs/claim.ts'
import { enqueue } from './verbs/enqueue.ts'
import { relay } from './verbs/followers.ts'
import { partsOf } from './verbs/lease.ts'
import { settle } from './verbs/settle.ts'
import { pushBatch } from './verbs/storing.ts'
import { Seat, Waiters } from './wake/waiters.ts'

/**
 * A claim that waits looks for itself this often at the latest: for leases that ran out, and should the one that was told to look have died.
 * With it a dead worker's jobs are claimed well within a second of the end of their lease.
 */
const LOOK = 500

/** In a cluster, how often who claims looks for jobs on their way to other queues that nobody has brought there. */
const RELAY = 1_000

/** An open backend: its connections, and those who wait for what they bring. */
export class Live extends Session<Scripts> {
  readonly #channel: string
  readonly #waiters = new Waiters()
  readonly #relayed = new Map<string, number>()
  #subscribed: Promise<void> | undefined
  #handsOver = false

  private constructor(settings: Settings, scripts: Scripts) {
    super(settings, scripts)
    this.#channel = this.keys.wakeChannel(claimId())
  }

  static async open(settings: Settings, scripts: Scripts): Promise<Live> {
    const live = new Live(settings, scripts)
    await live.connect(scripts.enqueue)
    live.#handsOver = live.connection.canReachBeyond(scripts.enqueueOne)
    return live
  }

  /** Whether a job that is stored alone may be handed to a claim that waits. */
  get handsOver(): boolean {
    return this.#handsOver
  }

  /** The channel on which claims of this instance wait; '' while none does. */
  get listensOn(): string {
    return this.#waiters.isEmpty ? '' : this.#channel
  }

  /** Gives a claim of this instance the job that was handed to it. If that has ended, another can have it. */
  hand(queue: string, offer: string, id: string, text: string): void {
    const job = readHanded(queue, offer, id, text)
    const seat = this.#waiters.find(offer)
    if (seat === undefined) this.inBackground(this.#release([job]))
    else seat.tell(job)
  }

  partsOf(given: string): { readonly attempt: string; readonly claim: string } {
    return partsOf(given)
  }

  pushBatch(args: (string | number)[], jobs: readonly NewJob[]): void {
    pushBatch(args, jobs)
  }

  letterOf(jobs: readonly NewJob[]): string {
    return JSON.stringify(jobs)
  }

  deliver(letters: readonly string[]): Promise<unknown> {
    return enqueue(
      this,
      letters.flatMap((letter) => JSON.parse(letter) as NewJob[]),
    )
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    if (request.limit <= 0) return []
    const ended = AbortSignal.any([signal, this.closing.signal])
    if (request.wait <= 0) return (await this.#ask(request, ended)).jobs
    const end = performance.now() + request.wait
    const seat = new Seat()
    try {
      await this.#listen()
      for (;;) {
        const left = end - performance.now()
        const { jobs, next } = await this.#ask(request, ended, { seat, left })
        if (jobs.length > 0 || left <= 0 || ended.aborted) return jobs
        await seat.news(Math.min(left, LOOK, next < 0 ? LOOK : next), ended)
        if (ended.aborted) return []
        const handed = seat.take()
        if (handed === undefined) continue
        this.#waiters.withdraw(seat)
        return [handed]
      }
    } finally {
      this.#rise(request, seat)
    }
  }

  /** One look. With time left to wait, the server is asked to tell if there is nothing. What comes after the end goes back. */
  async #ask(
    request: ClaimRequest,
    ended: AbortSignal,
    waiting?: { readonly seat: Seat; readonly left: Ms },
  ): Promise<Claimed> {
    const nothing: Claimed = { jobs: [], next: -1 }
    if (ended.aborted) return nothing
    if (this.connection.isCluster) this.#relay(request.queue)
    const asked = claim(this, request, waiting && this.#wait(request, waiting.seat, waiting.left))
    const claimed = await untilAborted(asked, ended)
    if (claimed === undefined) {
      this.inBackground(asked.then(({ jobs }) => this.#release(jobs)))
      return nothing
    }
    if (waiting !== undefined && claimed.jobs.length > 0) this.#waiters.withdraw(waiting.seat)
    return claimed
  }

  /** Under which name a seat is to be told. Before that, the server forgets the one it had, unless it told it. */
  #wait(request: ClaimRequest, seat: Seat, left: Ms): Waiting | undefined {
    if (seat.isTold) this.#waiters.withdraw(seat)
    else this.#withdraw(request, seat)
    seat.settle()
    if (left <= 0) return undefined
    return { waiter: this.#waiter(request, this.#waiters.offer(seat)), wait: Math.ceil(left) }
  }

  #waiter({ lease }: ClaimRequest, offer: string): string {
    return `${this.#channel}\n${offer}\n${span(lease)}`
  }

  #relay(queue: string): void {
    const now = performance.now()
    if (now - (this.#relayed.get(queue) ?? -RELAY) < RELAY) return
    this.#relayed.set(queue, now)
    this.inBackground(relay(this, queue))
  }

  #release(jobs: readonly Pick<ClaimedJob, 'lease'>[]): Promise<unknown> {
    return settle(
      this,
      jobs.map(({ lease }) => ({ lease, to: 'waiting', delay: 0, counts: 'nothing' })),
    )
  }

  /** A seat waits no more. What it was given or told, another can have. */
  #rise(request: ClaimRequest, seat: Seat): void {
    const handed = seat.take()
    if (handed === undefined) return this.#withdraw(request, seat)
    this.#waiters.withdraw(seat)
    this.inBackground(this.#release([handed]))
  }

  /** The server shall not tell a seat by its last name any more. */
  #withdraw(request: ClaimRequest, seat: Seat): void {
    const offer = this.#waiters.withdraw(seat)
    if (offer !== undefined) this.inBackground(this.#leave(request, offer))
  }

  async #leave(request: ClaimRequest, offer: string): Promise<void> {
    const { queue } = request
    const args = [this.connection.clustered, this.#waiter(request, offer)]
    const id = (await this.connection.run(this.scripts.leave, this.keys.of(queue).all, args)) as string
    if (id !== '') await this.#release([{ lease: { id: unpackId(id), queue, token: token(1, offer) } }])
  }

  async #listen(): Promise<void> {
    this.#subscribed ??= this.subscriber.subscribe(this.#channel)
    try {
      await this.#subscribed
    } catch (error) {
      this.#subscribed = undefined
      throw error
    }
  }

  /** The key of a queue's jobs and the name of an offer, and if a job is handed over its id and text, by lines. */
  protected override receive(channel: string, message: string): void {
    if (channel !== this.#channel) return super.receive(channel, message)
    const lines = /^(.*)\n(.*)\n(.*)\n/.exec(message)
    if (lines === null) return this.#waiters.find(message.slice(message.indexOf('\n') + 1))?.tell()
    const [head, key, offer, id] = lines as unknown as readonly [string, string, string, string]
    this.hand(this.keys.queueOf(key), offer, id, message.slice(head.length))
  }

  protected override catchUp(): void {
    this.#waiters.wakeAll()
    super.catchUp()
  }
}

/** `undefined` if the abort comes first. */
function untilAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined)
    signal.addEventListener('abort', abort)
    call.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
