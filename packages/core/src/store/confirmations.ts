import type { Sent, Store } from '../contract/store.ts'

/** Tells the store what is with the broker, without anybody waiting for it: what comes while a call runs leaves with the next. */
export class Confirmations {
  readonly #store: Store
  #next: Sent[] = []
  #running: Promise<void> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  add(sent: readonly Sent[]): void {
    for (const each of sent) this.#next.push(each)
    if (this.#next.length > 0) this.#running ??= this.#run()
  }

  /** Resolves when all have been told. */
  async flush(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // Those of one turn leave together.
    await Promise.resolve()
    while (this.#next.length > 0) {
      const batch = this.#next.splice(0, this.#store.limits.enqueueBatch)
      // What is not confirmed is sent twice, which `begin` takes care of.
      await this.#store.sent(batch).catch(() => {})
    }
    this.#running = undefined
  }
}
