import type { Ms } from '@jobport/core/adapter'

/** How often other processes are looked for while someone waits or watches. One look costs some microseconds. */
const INTERVAL: Ms = 10

/** Calls back every few milliseconds while someone is interested. */
export class Poll {
  readonly #look: () => void
  #timer: NodeJS.Timeout | undefined

  constructor(look: () => void) {
    this.#look = look
  }

  /** `alive`: whether it keeps the process alive. */
  set(wanted: boolean, alive: boolean): void {
    if (!wanted) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    this.#timer ??= setInterval(this.#look, INTERVAL)
    if (alive) this.#timer.ref()
    else this.#timer.unref()
  }
}
