/** Counts what a worker has handled and what of it is acknowledged, for libraries that tell of each job. */
export class Acknowledged {
  #open = 0
  #settled = Promise.withResolvers<void>()

  handled(): void {
    this.#open++
  }

  acknowledged(): void {
    if (--this.#open === 0) this.#settled.resolve()
  }

  /** Resolves when nothing is left to acknowledge. To be asked when everything has been handled. */
  async settled(): Promise<void> {
    while (this.#open > 0) {
      this.#settled = Promise.withResolvers()
      await this.#settled.promise
    }
  }
}
