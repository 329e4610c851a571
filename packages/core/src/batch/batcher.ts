/** One item on its way, and whoever waits for its reply. */
export interface Pending<Item, Reply> {
  readonly item: Item
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

export interface BatcherOptions<Item, Reply> {
  /** Sends a batch; replies by index. */
  readonly send: (items: readonly Item[]) => Promise<readonly Reply[]>
  /** Items in one call. */
  readonly max: number
  /** Calls in flight at once. Default 2: while one is on its way the next fills, and the line is never empty. */
  readonly inFlight?: number
  /**
   * What is there is spread over the calls that may be made, in multiples of so many items. Without it a call takes all: then those who ask again once they are
   * answered come together each time, and sender and receiver take turns.
   */
  readonly spread?: number | undefined
}

/**
 * Collects what is asked for in one turn of the event loop, and while calls are in flight, and sends it together. It uses no timers, so
 * a single item on an idle system leaves at once.
 */
export class Batcher<Item, Reply> {
  readonly #send: (items: readonly Item[]) => Promise<readonly Reply[]>
  readonly #max: number
  readonly #inFlight: number
  readonly #spread: number
  #waiting: Pending<Item, Reply>[] = []
  #calls = 0
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(options: BatcherOptions<Item, Reply>) {
    this.#send = options.send
    this.#max = options.max
    this.#inFlight = options.inFlight ?? 2
    this.#spread = options.spread ?? Infinity
  }

  /** The reply to one item. */
  ask(item: Item): Promise<Reply> {
    return new Promise((resolve, reject) => this.add({ item, resolve, reject }))
  }

  /** As `ask`, for a caller that brings its own promise. */
  add(pending: Pending<Item, Reply>): void {
    this.#waiting.push(pending)
    if (this.#calls < this.#inFlight) this.#schedule()
  }

  /** Resolves when nothing is waiting or in flight. */
  idle(): Promise<void> {
    if (this.#waiting.length === 0 && this.#calls === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Once the promise callbacks that are ready have run, so that all they ask for leaves in one call. */
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    process.nextTick(this.#flush)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    while (this.#waiting.length > 0 && this.#calls < this.#inFlight) {
      const size = this.#size()
      const batch = this.#waiting.length <= size ? this.#waiting : this.#waiting.splice(0, size)
      if (batch === this.#waiting) this.#waiting = []
      this.#calls++
      void this.#call(batch)
    }
    if (this.#calls === 0 && this.#waiting.length === 0 && this.#idle.length > 0) {
      for (const resolve of this.#idle.splice(0)) resolve()
    }
  }

  #size(): number {
    if (this.#waiting.length <= this.#spread) return this.#max
    const free = this.#inFlight - this.#calls
    return Math.min(this.#max, Math.ceil(this.#waiting.length / free / this.#spread) * this.#spread)
  }

  async #call(batch: readonly Pending<Item, Reply>[]): Promise<void> {
    try {
      const replies = await this.#send(batch.map((pending) => pending.item))
      for (let index = 0; index < batch.length; index++) batch[index]!.resolve(replies[index]!)
    } catch (error) {
      for (const pending of batch) pending.reject(error)
    }
    this.#calls--
    this.#schedule()
  }
}
