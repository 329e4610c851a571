import { sleep, systemClock, type Ms } from '@jobport/core/adapter'
import type { Line, Mode, OwnLine } from '../connection/session.ts'
import type { Statements } from '../connection/statements.ts'
import { textArray } from '../wire/array.ts'
import { randomUUID } from 'node:crypto'

/** For so long it is noted down that somebody listens; noted down again after half of it. */
const LISTENING: Ms = 60_000
/** When nobody else listened, nobody is rung for again so soon. */
const SILENCE: Ms = 100

/**
 * Rings for other processes, and hears them ring. Ringing has nothing to do with the transaction that something happened in: it comes after it, one statement for all
 * that happened meanwhile, and nobody waits for it. NOTIFY takes a lock on all of the database, so it is left out where nobody else listens: who
 * waits in this process knows already.
 */
export class Bell {
  readonly #line: Line
  readonly #own: OwnLine
  readonly #statements: Statements
  readonly #mode: Mode
  readonly #me = randomUUID()
  readonly #heard = new Map<string, number>()
  readonly #listening = new Map<string, Promise<void>>()
  #pending = new Set<string>()
  #ringing: Promise<void> | undefined
  #closed = false
  /** How often the connection was lost. */
  #losses = 0

  /** `own`: the connection that hears; without sessions there is none, and ringing goes by `line`. */
  constructor(line: Line, own: OwnLine, statements: Statements, mode: Mode) {
    this.#line = line
    this.#own = own
    this.#statements = statements
    this.#mode = mode
  }

  /** The channels that were asked for, for a connection that is made again. */
  get channels(): readonly string[] {
    return [...this.#heard.keys()]
  }

  ring(channel: string): void {
    this.#pending.add(channel)
    this.#ringing ??= this.#ringAll()
  }

  /** Whether whoever rings on the channel is heard, or nobody ever is. */
  hears(channel: string): boolean {
    return !this.#mode.prepares || (this.#heard.get(channel) ?? 0) > performance.now()
  }

  /** Resolves when whoever rings on the channel is heard, for a while. */
  listen(channel: string): Promise<void> {
    let listening = this.#listening.get(channel)
    if (listening === undefined) {
      listening = this.#listen(channel).finally(() => this.#listening.delete(channel))
      this.#listening.set(channel, listening)
    }
    return listening
  }

  /** The connection was lost: all must be listened for anew. */
  deafen(): void {
    this.#losses++
    for (const channel of this.#heard.keys()) this.#heard.set(channel, 0)
  }

  async #listen(channel: string): Promise<void> {
    await this.#own.use((client) => client.query(`listen "${channel}"`))
    const [from, losses] = [performance.now(), this.#losses]
    await this.#own.ask(this.#statements.listenFor, [textArray([channel]), LISTENING, this.#me])
    // The answer may come together with the end of its connection.
    this.#heard.set(channel, losses === this.#losses ? from + LISTENING / 2 : 0)
  }

  /** What was rung for until now is still rung for. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.race([this.#ringing, sleep(systemClock, 1_000)])
  }

  async #ringAll(): Promise<void> {
    while (this.#pending.size > 0) {
      const channels = [...this.#pending]
      this.#pending = new Set()
      let told = 1
      try {
        const line = this.#mode.prepares ? this.#own : this.#line
        const [row] = await line.ask(this.#statements.ring, [textArray(channels), this.#me])
        told = Number(row![0])
      } catch {
        // Whoever waits looks by itself after a while.
      }
      if (told === 0 && !this.#closed) await silence()
    }
    this.#ringing = undefined
  }
}

function silence(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SILENCE).unref())
}
