import { EventEmitter } from 'eventemitter3'
import type { WorkerEvents } from './events.ts'

type Arguments<Event extends keyof WorkerEvents> = Parameters<WorkerEvents[Event]>

/** An emitter whose listeners cannot hurt the worker. */
export class Emitter extends EventEmitter<WorkerEvents> {
  /** Emits, catching what listeners throw. Cheap when nobody listens. */
  tell<Event extends keyof WorkerEvents>(event: Event, ...args: Arguments<Event>): void {
    if (this.listenerCount(event) === 0) {
      if (event === 'error') console.error('jobport worker:', args[0])
      return
    }
    try {
      ;(this.emit as (event: Event, ...args: Arguments<Event>) => boolean).call(this, event, ...args)
    } catch (error) {
      if (event === 'error') console.error('jobport worker: a listener of "error" threw', error)
      else this.tell('error', error)
    }
  }
}
