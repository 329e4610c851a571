import type { Ms } from '@jobport/core'
import type { HistoryEvent } from '../history/event.ts'

/** What befell each process. It excuses what would be a fault of ours otherwise. */
export class Troubles {
  readonly #moments = new Map<string, Ms[]>()
  readonly #ongoing = new Map<string, Set<string>>()
  readonly #closing = new Map<string, Ms>()
  readonly #dead = new Map<string, Ms>()

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'crash':
        this.#dead.set(event.by, event.at)
        this.#note(event.by, event.at)
        return
      case 'lost':
        this.#note(event.by, event.at)
        return
      case 'stop':
      case 'cut':
        this.#note(event.by, event.at)
        this.#during(event.by).add(event.type)
        return
      case 'continue':
        this.#note(event.by, event.at)
        this.#during(event.by).delete('stop')
        return
      case 'heal':
        this.#note(event.by, event.at)
        this.#during(event.by).delete('cut')
        return
      case 'closing':
        this.#closing.set(event.by, event.at)
    }
  }

  /** Whether anything befell a process since then. */
  since(process: string, from: Ms): boolean {
    if (this.#dead.has(process) || this.#during(process).size > 0) return true
    return (this.#moments.get(process)?.at(-1) ?? -1) >= from
  }

  /** When it began to close, if it did. */
  closingAt(process: string): Ms | undefined {
    return this.#closing.get(process)
  }

  diedAt(process: string): Ms | undefined {
    return this.#dead.get(process)
  }

  #during(process: string): Set<string> {
    let ongoing = this.#ongoing.get(process)
    if (ongoing === undefined) this.#ongoing.set(process, (ongoing = new Set()))
    return ongoing
  }

  #note(process: string, at: Ms): void {
    const moments = this.#moments.get(process)
    if (moments === undefined) this.#moments.set(process, [at])
    else moments.push(at)
  }
}
