import type { Ms } from '@jobport/core'
import { react, type HistoryEvent, type Reactions } from '../history/event.ts'

/** What befell each process. It excuses what would be a fault of ours otherwise. */
export class Troubles {
  readonly #moments = new Map<string, Ms[]>()
  readonly #ongoing = new Map<string, Set<string>>()
  readonly #closing = new Map<string, Ms>()
  readonly #dead = new Map<string, Ms>()
  readonly #reactions: Reactions = {
    crash: ({ by, at }) => {
      this.#dead.set(by, at)
      this.#note(by, at)
    },
    lost: ({ by, at }) => this.#note(by, at),
    stop: ({ by, at }) => this.#begin(by, at, 'stop'),
    continue: ({ by, at }) => this.#end(by, at, 'stop'),
    cut: ({ by, at }) => this.#begin(by, at, 'cut'),
    heal: ({ by, at }) => this.#end(by, at, 'cut'),
    closing: ({ by, at }) => void this.#closing.set(by, at),
  }

  see(event: HistoryEvent): void {
    react(this.#reactions, event)
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

  #begin(process: string, at: Ms, what: string): void {
    this.#note(process, at)
    this.#during(process).add(what)
  }

  #end(process: string, at: Ms, what: string): void {
    this.#note(process, at)
    this.#during(process).delete(what)
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
