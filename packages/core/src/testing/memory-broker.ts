import type { ClaimRequest, Enqueued, Health, Mover } from '../contract/backend.ts'
import type { Features } from '../contract/features.ts'
import type { ClaimedJob, Lease, Ms, NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'
import type { Extended, Settled, Settlement } from '../contract/settlement.ts'
import { memoryBackend, type MemoryBackend } from '../memory/memory-backend.ts'
import { systemClock, type Clock } from '../time/clock.ts'

const FEATURES = Object.freeze({
  state: false,
  results: false,
  delay: true,
  priority: true,
  unique: false,
  group: false,
  fifo: true,
  atomicFollowUps: false,
  transactions: false,
} as const satisfies Features)

export interface MemoryBrokerOptions {
  /** Default: the system's. */
  readonly clock?: Clock
  /** What it is said to be able to do, such as a longest delay of 900,000 ms. Default: as the memory backend. */
  readonly limits?: Partial<Limits>
}

/** A broker in this process: it moves messages and remembers nothing, so a job that is enqueued twice is two messages. */
export interface MemoryBroker extends Mover<typeof FEATURES> {
  /** Another client of the same broker: what a second process is. */
  peer(): MemoryBroker
}

/** Stands for SQS or RabbitMQ in the tests of an application, or of a store. */
export function memoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  const { clock = systemClock, limits = {} } = options
  return new InMemoryBroker(memoryBackend({ clock, warn: () => {} }), { ...limits }, { messages: 0 })
}

class InMemoryBroker implements MemoryBroker {
  readonly name = 'memory-broker'
  readonly features = FEATURES
  readonly limits: Limits
  readonly #inner: MemoryBackend
  readonly #options: Partial<Limits>
  readonly #counter: { messages: number }

  constructor(inner: MemoryBackend, limits: Partial<Limits>, counter: { messages: number }) {
    this.limits = Object.freeze({ ...inner.limits, ...limits })
    this.#inner = inner
    this.#options = limits
    this.#counter = counter
  }

  open(): Promise<void> {
    return this.#inner.open()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  health(): Promise<Health> {
    return this.#inner.health()
  }

  enqueue(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return this.#inner.enqueue(jobs.map((job) => ({ ...job, id: `${job.id}~${++this.#counter.messages}` })))
  }

  async claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
    const jobs = await this.#inner.claim(request, signal)
    return jobs.map((job) => ({ ...job, lease: outer(job.lease) }))
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly Settled[]> {
    const followers = settlements.flatMap(({ then = [] }) => then)
    if (followers.length > 0) await this.enqueue(followers)
    const answers = await this.#inner.settle(
      settlements.map((settlement) => ({ ...settlement, lease: inner(settlement.lease), then: [] })),
    )
    return answers.map((answer) => (answer === 'lost' ? 'unknown' : answer))
  }

  async extend(leases: readonly Lease[], lease: Ms): Promise<readonly Extended[]> {
    const answers = await this.#inner.extend(leases.map(inner), lease)
    return answers.map((answer) => (answer === 'lost' ? 'unknown' : answer))
  }

  peer(): MemoryBroker {
    return new InMemoryBroker(this.#inner.peer(), this.#options, this.#counter)
  }
}

/** The number of the message moves from the id to the token, and back. */
function outer({ id, queue, token }: Lease): Lease {
  const [own, message] = cut(id)
  return { id: own, queue, token: `${token}~${message}` }
}

function inner({ id, queue, token }: Lease): Lease {
  const [own, message] = cut(token)
  return { id: `${id}~${message}`, queue, token: own }
}

function cut(text: string): readonly [before: string, after: string] {
  const at = text.lastIndexOf('~')
  return [text.slice(0, at), text.slice(at + 1)]
}
