import type { JobRecord, Ms } from '../contract/job.ts'
import type { Store } from '../contract/store.ts'
import { claimId } from '../kit/token.ts'
import type { Settings } from './options.ts'
import type { Outgoing, Sender } from './sender.ts'

/** Jobs that are sent again after one look. */
const BATCH = 500

/** What claims of one queue have heard of the broker. */
interface Silence {
  /** Since when it has delivered nothing to claims that waited. */
  readonly since: Ms
  /** When the store was last asked what waits. */
  readonly lookedAt: Ms
}

/**
 * Looks after jobs that wait for a message which the broker does not have. It may have lost it, have thrown it away because it was too old, have been purged, or
 * have moved it to its dead letters because it came and went too often; the store would wait for it for ever. So when the broker has delivered nothing of a queue for
 * a whole grace, and the store says that jobs have waited for longer, these are sent again. A message too many is harmless.
 */
export class Audit {
  readonly #store: Store
  readonly #sender: Sender
  readonly #settings: Settings
  readonly #silences = new Map<string, Silence>()
  readonly #running = new Set<Promise<void>>()

  constructor(store: Store, sender: Sender, settings: Settings) {
    this.#store = store
    this.#sender = sender
    this.#settings = settings
  }

  delivered(queue: string): void {
    this.#silences.delete(queue)
  }

  /** A claim that was sent then has waited for nothing. */
  nothingCame(queue: string, sentAt: Ms): void {
    const { clock, handOff } = this.#settings
    const { since, lookedAt } = this.#silences.get(queue) ?? { since: sentAt, lookedAt: -Infinity }
    const now = clock.now()
    const isDue = now - since >= handOff.grace && now - lookedAt >= handOff.grace
    this.#silences.set(queue, { since, lookedAt: isDue ? now : lookedAt })
    if (!isDue) return
    // The store is away, or the broker: there will be another look.
    const look = this.#look(queue).catch(() => {})
    this.#running.add(look)
    void look.finally(() => this.#running.delete(look))
  }

  /** Resolves when what was begun is done. */
  async ended(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #look(queue: string): Promise<void> {
    const { handOff, warn } = this.#settings
    const { waiting, oldest, paused } = await this.#store.inspect.counts(queue)
    if (waiting === 0 || paused || oldest < handOff.grace) return
    const { jobs } = await this.#store.inspect.list({ queue, state: 'waiting', limit: BATCH })
    if (jobs.length === 0) return
    await this.#sender.send(jobs.map(outgoing))
    warn(`${jobs.length} jobs waited in queue ${queue}, and the broker had no message of them; they were sent again`)
  }
}

/** The store has not told of what the message is to be completed, so whoever gets it asks. */
function outgoing({ id, queue, name, payload, headers, policy, priority }: JobRecord): Outgoing {
  const sending = claimId()
  const job = { id, queue, name, payload, headers, resent: sending, ...(priority !== 0 && { priority }) }
  return { job: policy === undefined ? job : { ...job, policy }, sending, origin: '' }
}
