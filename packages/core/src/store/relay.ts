import type { Ms } from '../contract/job.ts'
import type { Store } from '../contract/store.ts'
import { claimId } from '../kit/token.ts'
import type { Sender } from './sender.ts'
import type { Settings } from './options.ts'

/** Jobs that are given out at once. */
const BATCH = 500

/** Retries that come within so long of each other are looked for together. */
const TOGETHER: Ms = 10

/** Retries that are further away are found by the regular look. */
const NEAR: Ms = 10_000

/**
 * Sends what the store says must be sent. Every process that claims is a relay, and none is special: the store leases the jobs that it gives
 * out, so each is sent by one of them, and by another when that one dies.
 */
export class Relay {
  readonly #store: Store
  readonly #sender: Sender
  readonly #settings: Settings
  #running: Promise<void> | undefined
  #again = false
  #started = false
  #stopped = false
  #cancel: (() => void) | undefined
  /** Those who wait for the end of a round that has not begun. */
  #waiting: (() => void)[] = []
  /** Looks that are planned, by their time. */
  readonly #planned = new Map<number, () => void>()

  constructor(store: Store, sender: Sender, settings: Settings) {
    this.#store = store
    this.#sender = sender
    this.#settings = settings
  }

  /** Looks now, and from now on regularly. */
  start(): void {
    if (this.#started) return
    this.#started = true
    this.kick()
  }

  /** Looks now. */
  kick(): void {
    if (this.#stopped) return
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Looks now. Resolves when what was to be sent has been, or cannot be. */
  look(): Promise<void> {
    if (this.#stopped) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.kick()
    })
  }

  /** Looks when so much time has passed, as if it were asked then, where that comes much before the regular look. */
  lookIn(delay: Ms): void {
    const { clock } = this.#settings
    if (this.#stopped || delay > NEAR) return
    const at = Math.ceil((clock.now() + delay) / TOGETHER)
    if (this.#planned.has(at)) return
    const look = (): void => {
      this.#planned.delete(at)
      this.kick()
    }
    this.#planned.set(at, clock.schedule(at * TOGETHER - clock.now(), look, { background: true }))
  }

  /** Resolves when what was begun is done. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#cancel?.()
    for (const cancel of this.#planned.values()) cancel()
    this.#planned.clear()
    await this.#running
  }

  async #run(): Promise<void> {
    this.#cancel?.()
    while (this.#again && !this.#stopped) {
      this.#again = false
      const waiting = this.#waiting.splice(0)
      try {
        this.#again = await this.#round()
      } catch {
        // The store is away: whoever enqueues or claims is told so. The next round comes in time.
        break
      } finally {
        for (const resolve of waiting) resolve()
      }
    }
    this.#running = undefined
    for (const resolve of this.#waiting.splice(0)) resolve()
    if (this.#stopped || !this.#started) return
    this.#cancel = this.#settings.clock.schedule(this.#settings.relayEvery, () => this.kick(), { background: true })
  }

  /** Whether there is more to be sent. */
  async #round(): Promise<boolean> {
    const { handOff, warn } = this.#settings
    const unsent = await this.#store.due(BATCH, handOff.grace)
    if (unsent.length === 0) return this.#again
    const outgoing = unsent.map((each) => ({ ...each, job: { ...each.job, resent: claimId() } }))
    const failures = await this.#sender.send(outgoing)
    for (const [index, failure] of failures.entries()) {
      if (failure === undefined || failure.retryable) continue
      warn(
        `job ${unsent[index]!.job.id} cannot be sent and is tried again in ${handOff.grace} ms; mend the cause or remove the job: ${failure.message}`,
      )
    }
    const sent = failures.some((failure) => failure === undefined)
    return this.#again || (sent && unsent.length === BATCH)
  }
}
