/** Groups are spread over so many lines, so that sending one need not wait for all others. */
const LINES = 16

/**
 * Keeps what is sent to a FIFO queue in order: messages of one group leave one after the other, also those of calls that
 * run at the same time.
 */
export class SendLines {
  readonly #last = new Map<string, Promise<unknown>>()

  /** The line of a group. */
  lineOf(url: string, group: string): string {
    let hash = 0
    for (let index = 0; index < group.length; index++) hash = (hash * 31 + group.charCodeAt(index)) | 0
    return `${Math.abs(hash) % LINES} ${url}`
  }

  /** Runs the work when all that was put in line before has ended. */
  follow<T>(line: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(line)
    const done = before === undefined ? work() : before.then(work)
    const ended = done
      .catch(() => {})
      .finally(() => {
        if (this.#last.get(line) === ended) this.#last.delete(line)
      })
    this.#last.set(line, ended)
    return done
  }
}
