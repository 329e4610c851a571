import type { Socket } from 'node:net'
import type { CurrentFault } from './current-fault.ts'

/** One direction of a connection. Slow as the fault that is on says; always in order. */
export class Lane {
  readonly #to: Socket
  readonly #current: CurrentFault
  /** What has to arrive before the next piece may. */
  #earlier: Promise<void> | undefined
  #dropped = false

  constructor(to: Socket, current: CurrentFault) {
    this.#to = to
    this.#current = current
  }

  send(bytes: Buffer): void {
    const { slowness } = this.#current
    if (slowness === undefined && this.#earlier === undefined) {
      this.#write(bytes)
      return
    }
    // A delay counts from the arrival, so that it does not add up.
    const late = slowness?.kind === 'delay' ? this.#current.last(slowness.ms) : undefined
    this.#enqueue(async () => {
      await late
      await this.#trickle(bytes)
    })
  }

  end(): void {
    if (this.#earlier === undefined) this.#to.end()
    else this.#enqueue(async () => void this.#to.end())
  }

  /** Forgets what has not arrived yet. */
  drop(): void {
    this.#dropped = true
  }

  #enqueue(step: () => Promise<void>): void {
    const last = this.#after(this.#earlier, step).finally(() => {
      if (this.#earlier === last) this.#earlier = undefined
    })
    this.#earlier = last
  }

  async #after(earlier: Promise<void> | undefined, step: () => Promise<void>): Promise<void> {
    await earlier
    await step()
  }

  async #trickle(bytes: Buffer): Promise<void> {
    let left = bytes
    for (;;) {
      const { slowness } = this.#current
      if (slowness?.kind !== 'trickle' || left.length === 0) break
      await this.#current.last(slowness.ms)
      this.#write(left.subarray(0, slowness.bytes))
      left = left.subarray(slowness.bytes)
    }
    if (left.length > 0) this.#write(left)
  }

  #write(bytes: Buffer): void {
    if (!this.#dropped && this.#to.writable) this.#to.write(bytes)
  }
}
