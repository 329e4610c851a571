const OPEN = 0
const DONE = 1
const GONE = 2

/**
 * The delivery tags of one channel, in order. Knows which acknowledgements can be said in one: all tags up to one of which none is open. A tag that the
 * server does not await would end the channel, so each is told once.
 */
export class AckWindow {
  /** The tag of the first state. */
  #first = 1
  /** States from `#head` on; what is before it is over. */
  #states: (typeof OPEN | typeof DONE | typeof GONE)[] = []
  #head = 0
  /** Done since the last flush. */
  #done: number[] = []

  /** A delivery has come. Tags come one after the other. */
  open(): void {
    this.#states.push(OPEN)
  }

  /** To be acknowledged with the next flush. */
  done(tag: number): void {
    this.#states[tag - this.#first] = DONE
    this.#done.push(tag)
  }

  /** Told in another way: it was given back. */
  gone(tag: number): void {
    this.#states[tag - this.#first] = GONE
  }

  /** Says what is to be acknowledged, in as few words as is safe. */
  flush(ack: (tag: number, upTo: boolean) => void): void {
    if (this.#done.length === 0) return
    let last = 0
    let count = 0
    while (this.#head < this.#states.length && this.#states[this.#head] !== OPEN) {
      if (this.#states[this.#head] === DONE) {
        last = this.#first + this.#head
        count++
      }
      this.#head++
    }
    if (count > 0) ack(last, count > 1)
    for (const tag of this.#done) {
      if (tag <= last) continue
      ack(tag, false)
      // It may stand before the next one that is acknowledged with all before it, which leaves it out: nothing is awaited of it.
      this.#states[tag - this.#first] = GONE
    }
    this.#done = []
    this.#trim()
  }

  #trim(): void {
    if (this.#head < 4096 || this.#head * 2 < this.#states.length) return
    this.#states = this.#states.slice(this.#head)
    this.#first += this.#head
    this.#head = 0
  }
}
