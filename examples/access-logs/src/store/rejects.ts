import type { Reason } from '../ltsv/parse-line.ts'

export interface Reject {
  readonly line: number
  readonly reason: Reason
  readonly text: string
}

/** A few megabytes, as a line shows its beginning only. */
const MOST = 5_000

/** Lines that were not kept, until there are enough of them to be written down. */
export class Rejects {
  #rejects: Reject[] = []

  get isFull(): boolean {
    return this.#rejects.length >= MOST
  }

  add(line: number, reason: Reason, text: Buffer): void {
    // What is no text is shown as a replacement character; a database takes nothing else.
    this.#rejects.push({ line, reason, text: text.toString().replaceAll('\0', '\uFFFD') })
  }

  take(): readonly Reject[] {
    const taken = this.#rejects
    this.#rejects = []
    return taken
  }
}
