import type { HandOff, NewJob } from '@jobport/core/adapter'
import type { QueueKeys } from '../keys.ts'
import type { Session } from '../session.ts'
import { byQueue } from './storing.ts'

/** Letters of an outbox that are relayed in one step. */
const STEP = 100

/** Jobs that follow from outcomes in one queue, as scripts take them, and the keys that storing them needs. */
export class Followers {
  readonly keys: string[]
  readonly #live: Session
  readonly #own: QueueKeys
  readonly #handOff: HandOff | undefined
  readonly #targets = new Map<string, { readonly keys: QueueKeys; readonly at: number }>()
  #relays = false

  /** `handOff`: of the call, where they are of a store. */
  constructor(live: Session, queue: string, handOff?: HandOff) {
    this.#live = live
    this.#handOff = handOff
    this.#own = live.keys.of(queue)
    this.keys = [...this.#own.all]
    this.#targets.set(queue, { keys: this.#own, at: 1 })
  }

  /** Appends how many batches follow from one outcome, and these. */
  push(args: (string | number)[], jobs: readonly NewJob[] = []): void {
    const queues = byQueue(jobs)
    args.push(queues.size)
    for (const [queue, indexes] of queues) {
      const batch = indexes.map((index) => jobs[index]!)
      if (this.#live.connection.isCluster && queue !== this.#own.queue) {
        this.#relays = true
        args.push(0, this.#live.letterOf(batch, this.#handOff))
      } else {
        args.push(this.#target(queue).at)
        this.#live.pushBatch(args, batch)
      }
    }
  }

  /** Resolves when all queues that jobs follow to are known to exist. */
  async registered(): Promise<void> {
    if (this.#targets.size === 1) return
    await Promise.all([...this.#targets.values()].map(async ({ keys }) => this.#live.registry.note(keys)))
  }

  /** To be called once the outcomes are stored. Brings jobs to other queues of a cluster; what cannot be brought is relayed later. */
  async relayed(): Promise<void> {
    if (this.#relays) await relay(this.#live, this.#own.queue).catch(() => {})
  }

  #target(queue: string): { readonly at: number } {
    let target = this.#targets.get(queue)
    if (target === undefined) {
      const keys = this.#live.keys.of(queue)
      target = { keys, at: this.keys.length + 1 }
      this.keys.push(...keys.storing)
      this.#targets.set(queue, target)
    }
    return target
  }
}

/** Brings jobs from the outbox of a queue to their own queues. Their ids are known there if that was done before, and the letter not yet removed. */
export async function relay(live: Session, queue: string): Promise<void> {
  const { outbox } = live.keys.of(queue)
  for (;;) {
    const letters = await live.connection.call((client) => client.zrange(outbox, 0, String(STEP - 1)))
    if (letters.length === 0) return
    await live.deliver(letters)
    await live.connection.call((client) => client.zrem(outbox, ...letters))
    if (letters.length < STEP) return
  }
}
