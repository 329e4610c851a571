import type { Ms } from '@jobport/core'
import type { Clock, VirtualClock } from '@jobport/core/testing'

interface Held {
  readonly kind: 'timer' | 'reply'
  readonly callback: () => void
  cancelled: boolean
}

/** How one process's clock differs from the world's. */
export interface ClockErrors {
  /** What its monotonic clock says when the world's says 0. */
  readonly origin: Ms
  /** How fast its clock runs; 1 is right. */
  readonly rate: number
  /** How wrong its wall clock is. */
  readonly skew: Ms
}

/**
 * What a process is to the code inside it: a clock that may be wrong, timers and messages that come in, and an end that may come at any moment.
 * JavaScript cannot be interrupted, so code of a dead process may run on to its next `await`; it reaches nobody any more.
 */
export class Process {
  readonly name: string
  readonly clock: Clock
  /** How wrong its wall clock is. */
  readonly skew: Ms
  /** Which way its connection is cut, if it is. */
  cut: 'requests' | 'replies' | 'both' | undefined
  #alive = true
  #stopped = false
  readonly #world: VirtualClock
  readonly #timers = new Set<{ readonly cancel: () => void; readonly background: boolean }>()
  #held: Held[] = []
  readonly #onEnd: (() => void)[] = []

  constructor(name: string, world: VirtualClock, { origin, rate, skew }: ClockErrors) {
    this.name = name
    this.skew = skew
    this.#world = world
    this.clock = {
      now: () => origin + world.now() * rate,
      date: () => world.date() + skew,
      schedule: (delay, callback, options) => this.#schedule(delay / rate, callback, options?.background === true),
    }
  }

  get alive(): boolean {
    return this.#alive
  }

  get stopped(): boolean {
    return this.#stopped
  }

  /** Timers that keep the process from ending by itself. */
  get timers(): number {
    let count = 0
    for (const { background } of this.#timers) if (!background) count++
    return count
  }

  /** Something comes in from outside. */
  enter(callback: () => void): void {
    this.#enter('reply', callback)
  }

  /** What the world does when the process ends. */
  onEnd(callback: () => void): void {
    this.#onEnd.push(callback)
  }

  /** It is gone: nothing that it does or waits for happens any more. */
  end(): void {
    if (!this.#alive) return
    this.#alive = false
    for (const { cancel } of this.#timers) cancel()
    this.#timers.clear()
    this.#held = []
    for (const callback of this.#onEnd) callback()
  }

  /** As SIGSTOP does: time goes on without it. */
  stop(): void {
    this.#stopped = true
  }

  /** As SIGCONT does: all that came meanwhile happens now, timers first or in the order in which it came. */
  continue(timersFirst: boolean): void {
    this.#stopped = false
    const held = this.#held
    this.#held = []
    const order = timersFirst
      ? [...held.filter(({ kind }) => kind === 'timer'), ...held.filter(({ kind }) => kind === 'reply')]
      : held
    for (const each of order) {
      this.#world.schedule(0, () => {
        if (!each.cancelled) this.#enter(each.kind, each.callback)
      })
    }
  }

  #enter(kind: Held['kind'], callback: () => void): Held | undefined {
    if (!this.#alive) return undefined
    if (!this.#stopped) {
      callback()
      return undefined
    }
    const held: Held = { kind, callback, cancelled: false }
    this.#held.push(held)
    return held
  }

  /** As `setTimeout`: whole milliseconds, at least one, never early. */
  #schedule(delay: Ms, callback: () => void, background: boolean): () => void {
    if (!this.#alive) return () => {}
    let held: Held | undefined
    const cancel = this.#world.schedule(Math.max(1, Math.ceil(delay)), () => {
      this.#timers.delete(timer)
      held = this.#enter('timer', callback)
    })
    const timer = { cancel, background }
    this.#timers.add(timer)
    return () => {
      cancel()
      this.#timers.delete(timer)
      if (held !== undefined) held.cancelled = true
    }
  }
}
