import type { Ms } from '@jobport/core'
import { BackendError, type Backend, type ClaimedJob, type ClaimRequest, type Settlement } from '@jobport/core/adapter'
import type { VirtualClock } from '@jobport/core/testing'
import type { Chance } from '../chance.ts'
import type { History } from '../history/history.ts'
import type { Process } from './process.ts'
import type { Server } from './server.ts'

/** How calls fare between processes and server. Probabilities are per call. */
export interface Weather {
  /** The longest way of a message, in milliseconds; 0: all arrive at once. */
  readonly latency: Ms
  /** The request or the reply is lost. */
  readonly loss: number
  /** The call takes much longer than usual. */
  readonly slow: number
  /** The request arrives twice. */
  readonly again: number
}

/** After so long without an answer the driver gives up; on a waiting claim, so long after the wait. */
const COMMAND_TIMEOUT: Ms = 1_000

/** The way between processes and server, on which messages take time and get lost. */
export class Network {
  /** From now on nothing goes wrong. */
  calm = false
  readonly #world: VirtualClock
  readonly #server: Server
  readonly #history: History
  readonly #weather: Weather
  readonly #exchanges: boolean

  constructor(world: VirtualClock, server: Server, history: History, weather: Weather, exchanges: boolean) {
    this.#world = world
    this.#server = server
    this.#history = history
    this.#weather = weather
    this.#exchanges = exchanges
  }

  /** The server as a process sees it, through a driver of its own. */
  connect(process: Process, chance: Chance): Backend {
    const server = this.#server
    const { name: by } = process
    const { name, features, limits } = server.backend
    const line = new Line(process, this, this.#world, this.#history, this.#weather, chance)
    const ask = <Reply>(verb: string, call: () => Promise<Reply>): Promise<Reply> => line.ask(verb, call)
    const mover = {
      name,
      features,
      limits,
      open: async () => {},
      close: async () => {},
      health: () => server.backend.health(),
      enqueue: (jobs) => ask('enqueue', () => server.enqueue(by, jobs)),
      claim: (request, signal) => line.claim(request, signal, (abort) => server.claim(by, request, abort)),
      settle: (settlements) => {
        line.note(settlements)
        return ask('settle', () => server.settle(by, settlements))
      },
      extend: (leases, lease) => {
        const sentAt = process.clock.now()
        return ask('extend', () => server.extend(by, leases, lease)).then((replies) => {
          line.kept(leases, replies, sentAt, lease)
          return replies
        })
      },
      ...(this.#exchanges && {
        exchange: (settlements: readonly Settlement[], request: Omit<ClaimRequest, 'wait'>) => {
          line.note(settlements)
          const sentAt = process.clock.now()
          return ask('exchange', () => server.exchange(by, settlements, request)).then((exchanged) => {
            line.got(exchanged.claimed, sentAt, request.lease)
            return exchanged
          })
        },
      }),
    } satisfies Partial<Backend>
    if (!features.state) return mover as Partial<Backend> as Backend
    const { inspect, operate } = server.backend
    return {
      ...mover,
      report: (reports) => ask('report', () => server.report(by, reports)),
      inspect: {
        find: (ids) => ask('find', () => inspect.find(ids)),
        list: (query) => ask('list', () => inspect.list(query)),
        counts: (queue) => ask('counts', () => inspect.counts(queue)),
        queues: () => ask('queues', () => inspect.queues()),
        watch: (listener) => ask('watch', () => inspect.watch((finished) => line.push(() => listener(finished)))),
      },
      operate: {
        ...operate,
        cancel: (requests) => ask('cancel', () => server.cancel(by, requests)),
        retry: (ids) => ask('retry', () => server.retry(by, ids)),
        remove: (ids) => ask('remove', () => operate.remove(ids)),
        pause: (queue) => ask('pause', () => server.pause(by, queue)),
        resume: (queue) => ask('resume', () => server.resume(by, queue)),
        purge: (request) => ask('purge', () => operate.purge(request)),
      },
    } as Backend
  }
}

type Settle<Reply> = (resolve: (reply: Reply) => void, reject: (error: unknown) => void) => void

/** What nobody looks at. Without it each abort makes an error with a stack. */
const ABORTED = 'aborted'
const noAbort = new AbortController().signal

/** Where an answer goes that nobody will ever get. */
const never = new Promise<never>(() => {})

/** The connection of one process. */
class Line {
  readonly #process: Process
  readonly #network: Network
  readonly #world: VirtualClock
  readonly #history: History
  readonly #weather: Weather
  readonly #chance: Chance
  /** Claims that wait, by what ends them on the server. */
  readonly #waits = new Set<AbortController>()

  constructor(
    process: Process,
    network: Network,
    world: VirtualClock,
    history: History,
    weather: Weather,
    chance: Chance,
  ) {
    this.#process = process
    this.#network = network
    this.#world = world
    this.#history = history
    this.#weather = weather
    this.#chance = chance
    // The server notices that a line is dead, or does not.
    process.onEnd(() => {
      for (const wait of this.#waits) if (chance.is(0.7)) wait.abort(ABORTED)
    })
  }

  ask<Reply>(verb: string, call: () => Promise<Reply>, patience: Ms = COMMAND_TIMEOUT): Promise<Reply> {
    const process = this.#process
    if (!process.alive) return never
    const chance = this.#chance
    const { loss, slow, again } = this.#weather
    const fate = this.#network.calm ? 1 : chance.next()
    const delay = fate > loss && fate < loss + slow ? chance.between(100, COMMAND_TIMEOUT) : 0
    if (delay > 0) this.#lose(verb, 'slow')
    const sentAt = this.#world.now()
    return new Promise<Reply>((resolve, reject) => {
      const drop = (what: 'request' | 'reply', resets: boolean): void => {
        this.#lose(verb, what)
        const left = resets ? chance.between(0, 20) : sentAt + patience - this.#world.now()
        const error = new BackendError('unavailable', 'simulated', resets ? 'connection reset' : 'no answer in time')
        process.clock.schedule(Math.max(0, left), () => reject(error), { background: true })
      }
      const arrive = (): void => {
        if (delay > 0) this.#lose(verb, 'slow')
        if (process.cut === 'requests' || process.cut === 'both') return drop('request', false)
        if (!process.alive && chance.is(0.5)) return
        void this.#reply(call, (settle) => {
          if (fate < loss / 2) return drop('reply', chance.is(0.5))
          this.#after(this.#way(), () => {
            if (process.cut === 'replies' || process.cut === 'both') drop('reply', false)
            else process.enter(() => settle(resolve, reject))
          })
        })
      }
      if (process.cut === 'requests' || process.cut === 'both') return drop('request', false)
      if (fate < loss && fate >= loss / 2) return drop('request', chance.is(0.5))
      this.#after(delay + this.#way(), arrive)
      if (!this.#network.calm && chance.is(again)) {
        this.#after(delay + chance.between(0, 300), () => {
          void this.#reply(call, () => this.#lose(verb, 'again'))
        })
      }
    })
  }

  /** Has the server do it, and gives what it answers to `send`. */
  async #reply<Reply>(call: () => Promise<Reply>, send: (settle: Settle<Reply>) => void): Promise<void> {
    try {
      const reply = await call()
      send((resolve) => resolve(reply))
    } catch (error) {
      send((_, reject) => reject(error))
    }
  }

  /** An abort travels as a message of its own, so jobs may be on their way when it is sent; they still arrive. */
  async claim(
    request: ClaimRequest,
    signal: AbortSignal,
    call: (abort: AbortSignal) => Promise<readonly ClaimedJob[]>,
  ): Promise<readonly ClaimedJob[]> {
    if (signal.aborted) return []
    const sentAt = this.#process.clock.now()
    const jobs = await (request.wait > 0 ? this.#wait(request, signal, call) : this.ask('claim', () => call(noAbort)))
    this.got(jobs, sentAt, request.lease)
    return jobs
  }

  async #wait(
    request: ClaimRequest,
    signal: AbortSignal,
    call: (abort: AbortSignal) => Promise<readonly ClaimedJob[]>,
  ): Promise<readonly ClaimedJob[]> {
    const process = this.#process
    const server = new AbortController()
    this.#waits.add(server)
    const givenUp = Promise.withResolvers<readonly ClaimedJob[]>()
    let stopTimer: (() => void) | undefined
    const onAbort = (): void => {
      // The driver does not wait for ever for an answer to that.
      stopTimer = process.clock.schedule(COMMAND_TIMEOUT, () => {
        this.#lose('claim', 'reply')
        givenUp.resolve([])
      })
      if (!process.alive || process.cut === 'requests' || process.cut === 'both') return
      this.#after(this.#way(), () => server.abort(ABORTED))
    }
    signal.addEventListener('abort', onAbort)
    try {
      const claimed = this.ask('claim', () => call(server.signal), request.wait + COMMAND_TIMEOUT)
      return await Promise.race([claimed, givenUp.promise])
    } finally {
      signal.removeEventListener('abort', onAbort)
      stopTimer?.()
      this.#waits.delete(server)
    }
  }

  /** Until when, by its own clock, a worker may take the leases for its own: from before it asked, less a margin. */
  got(jobs: readonly ClaimedJob[], sentAt: Ms, lease: Ms): void {
    const { name: by, clock } = this.#process
    for (const job of jobs) {
      const { id } = job.lease
      this.#history.add({
        type: 'got',
        by,
        id,
        attempt: job.attempt,
        now: clock.now(),
        until: sentAt + lease - marginOf(lease),
      })
    }
  }

  kept(
    leases: readonly { readonly id: string; readonly token: string }[],
    replies: readonly unknown[],
    sentAt: Ms,
    lease: Ms,
  ): void {
    const { name: by, clock } = this.#process
    leases.forEach(({ id, token }, index) => {
      if (replies[index] !== 'applied' && replies[index] !== 'cancelled') return
      const attempt = Number.parseInt(token)
      this.#history.add({ type: 'kept', by, id, attempt, now: clock.now(), until: sentAt + lease - marginOf(lease) })
    })
  }

  /** A settlement leaves the process. */
  note(settlements: readonly Settlement[]): void {
    const { name: by, clock, alive } = this.#process
    if (!alive) return
    for (const { lease } of settlements) {
      this.#history.add({ type: 'send', by, id: lease.id, attempt: Number.parseInt(lease.token), now: clock.now() })
    }
  }

  /** What the server says without being asked is lost like anything else, and nobody notices. */
  push(say: () => void): void {
    const process = this.#process
    const isLost = !this.#network.calm && this.#chance.is(this.#weather.loss)
    if (isLost || process.cut === 'replies' || process.cut === 'both') return
    this.#after(this.#way(), () => process.enter(say))
  }

  #way(): Ms {
    const { latency } = this.#weather
    return latency === 0 ? 0 : this.#chance.between(0, latency)
  }

  #after(delay: Ms, step: () => void): void {
    if (delay === 0) step()
    else this.#world.schedule(delay, step)
  }

  #lose(verb: string, what: 'request' | 'reply' | 'slow' | 'again'): void {
    this.#history.add({ type: 'lost', by: this.#process.name, verb, what })
  }
}

/** As the worker reckons it. */
function marginOf(lease: Ms): Ms {
  return Math.max(lease / 10, Math.min(250, lease / 4))
}
