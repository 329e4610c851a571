import { createHash } from 'node:crypto'
import type { Clock } from '@jobport/core/testing'
import type { HistoryEvent } from './event.ts'

type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never

/** All that happened, in order. Plain data: it can be written down, compared and judged without the world it comes from. */
export class History {
  readonly events: HistoryEvent[] = []
  readonly #clock: Pick<Clock, 'now'>

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  add(event: Untimed<HistoryEvent>): void {
    this.events.push({ at: this.#clock.now(), ...event })
  }
}

/** The history as text, an event a line. */
export function toLines(events: readonly HistoryEvent[]): string {
  return events.map((event) => JSON.stringify(event)).join('\n')
}

/** What two runs of one seed have in common. */
export function hashOf(events: readonly HistoryEvent[]): string {
  return createHash('sha256').update(toLines(events)).digest('hex')
}
