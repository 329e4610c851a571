import { EventEmitter } from 'eventemitter3'
import type { WorkerEvents } from './events.ts'

type Listener = (...args: any[]) => void

/** Tells listeners, who can hurt neither the worker nor each other. */
export class Emitter {
  readonly #events = new EventEmitter<string>()
  readonly #guarded = new WeakMap<Listener, Listener>()

  on<Event extends keyof WorkerEvents>(event: Event, listener: WorkerEvents[Event]): this {
    this.#events.on(event, this.#guard(event, listener))
    return this
  }

  once<Event extends keyof WorkerEvents>(event: Event, listener: WorkerEvents[Event]): this {
    this.#events.once(event, this.#guard(event, listener))
    return this
  }

  off<Event extends keyof WorkerEvents>(event: Event, listener?: WorkerEvents[Event]): this {
    this.#events.off(event, listener && this.#guarded.get(listener))
    return this
  }

  listenerCount(event: keyof WorkerEvents): number {
    return this.#events.listenerCount(event)
  }

  /** Errors that nobody listens for are printed. */
  tell<Event extends keyof WorkerEvents>(event: Event, ...args: Parameters<WorkerEvents[Event]>): void {
    const isHeard = this.#events.emit(event, ...args)
    if (!isHeard && event === 'error') console.error('jobport worker:', args[0])
  }

  #guard(event: keyof WorkerEvents, listener: Listener): Listener {
    const known = this.#guarded.get(listener)
    if (known !== undefined) return known
    const guarded: Listener = (...args) => {
      try {
        listener(...args)
      } catch (error) {
        if (event === 'error') console.error('jobport worker: a listener of "error" threw', error)
        else this.tell('error', error)
      }
    }
    this.#guarded.set(listener, guarded)
    return guarded
  }
}
