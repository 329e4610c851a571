import type { Finished, Ms, NewJob } from '@jobport/core/adapter'
import { createHash } from 'node:crypto'
import { OwnLine, type Line, type Mode } from '../connection/session.ts'
import type { Statements } from '../connection/statements.ts'
import type { Settings } from '../options.ts'
import { Bell } from './bell.ts'
import { Waiters } from './waiters.ts'
import { Watchers } from './watchers.ts'

export interface NewsOptions {
  readonly settings: Settings
  readonly mode: Mode
  readonly statements: Statements
  readonly line: Line
  /** The connection that hears was lost. */
  readonly onLost: () => void
}

/** After a line was lost, or the server would not have it. */
const AGAIN: Ms = 500

/** What a call has done that others may wait for. */
export interface Doings {
  /** Queues in which something can be claimed now. */
  readonly stirred: Iterable<string>
  /** Whether jobs have finished. */
  readonly finishes: boolean
}

/** Tells those who wait for jobs and those who watch them finish what happens: here at once, in other processes by the bell, whose ringing is heard here too. */
export class News {
  readonly waiters = new Waiters()
  /** Whoever waits looks by itself after so long. */
  readonly interval: Ms
  readonly #schema: string
  readonly #onLost: () => void
  readonly #ears: OwnLine
  readonly #bell: Bell
  readonly #watchers: Watchers
  readonly #channels = new Map<string, string>()
  readonly #queues = new Map<string, string>()
  readonly #finishedChannel: string
  #poll: NodeJS.Timeout | undefined
  #ended = false

  constructor({ settings, mode, statements, line, onLost }: NewsOptions) {
    this.interval = settings.pollInterval ?? (mode.prepares ? 5_000 : 100)
    this.#schema = settings.schema
    this.#onLost = onLost
    this.#finishedChannel = channelOf(settings.schema, '')
    this.#ears = new OwnLine(settings, mode, {
      onConnect: async (client) => {
        // A notification that is lost in a crash would have reached nobody.
        await client.query('set synchronous_commit = off')
        client.on('notification', ({ channel }) => this.#hear(channel))
        for (const channel of this.#bell.channels) await client.query(`listen "${channel}"`)
      },
      onLost: () => this.#earsLost(),
    })
    this.#bell = new Bell(line, this.#ears, statements, mode)
    this.#watchers = new Watchers(line, settings.schema, settings.warn)
  }

  /** Nobody waits or watches here any more. */
  end(): void {
    this.#ended = true
    this.waiters.wakeAll()
    this.#watchers.clear()
    clearInterval(this.#poll)
  }

  /** Resolves when others have been told what has happened until now. */
  told(): Promise<void> {
    return this.#bell.close()
  }

  close(): Promise<void> {
    return this.#ears.cut()
  }

  /** Something happened in queues, for which a claim may wait. */
  stir(queues: Iterable<string>): void {
    for (const queue of queues) {
      this.waiters.wake(queue)
      this.#bell.ring(this.#channel(queue))
    }
  }

  /** There are new jobs. */
  stirFor(jobs: readonly NewJob[]): void {
    let last = ''
    for (const { queue } of jobs) {
      if (queue !== last) this.stir([queue])
      last = queue
    }
  }

  /** Something happened in some queue; the server rings for other processes. */
  wakeAll(): void {
    this.waiters.wakeAll()
  }

  /** Jobs may have finished. */
  finish(): void {
    this.#look()
    this.#bell.ring(this.#finishedChannel)
  }

  announce({ stirred, finishes }: Doings): void {
    this.stir(stirred)
    if (finishes) this.finish()
  }

  /** Makes sure that whoever rings for a queue is heard. The look that comes first may be too early, so there is another when it is so. */
  hearOf(queue: string): void {
    this.#hearOn(this.#channel(queue), () => this.waiters.wake(queue))
  }

  async watch(listener: (finished: readonly Finished[]) => void): Promise<() => Promise<void>> {
    const end = await this.#watchers.add(listener)
    this.#hearFinished()
    this.#poll ??= setInterval(() => {
      this.#hearFinished()
      this.#look()
    }, this.interval).unref()
    return async () => {
      end()
      if (this.#watchers.size > 0) return
      clearInterval(this.#poll)
      this.#poll = undefined
    }
  }

  #channel(queue: string): string {
    let channel = this.#channels.get(queue)
    if (channel === undefined) {
      channel = channelOf(this.#schema, queue)
      this.#channels.set(queue, channel)
      this.#queues.set(channel, queue)
    }
    return channel
  }

  #hear(channel: string): void {
    if (channel === this.#finishedChannel) return this.#look()
    const queue = this.#queues.get(channel)
    if (queue !== undefined) this.waiters.wake(queue)
  }

  /** Nobody knows what was missed meanwhile. */
  #earsLost(): void {
    this.#onLost()
    if (this.#ended) return
    this.#bell.deafen()
    this.waiters.wakeAll()
    if (this.#watchers.size > 0) this.#hearFinished()
  }

  #hearFinished(): void {
    this.#hearOn(this.#finishedChannel, () => this.#look())
  }

  #hearOn(channel: string, look: () => void): void {
    if (this.#bell.hears(channel)) return
    this.#bell.listen(channel).then(look, () => this.#againLater(look))
  }

  /** Who looks tries to listen again; who waits would not look for long. */
  #againLater(look: () => void): void {
    setTimeout(() => {
      if (!this.#ended) look()
    }, AGAIN).unref()
  }

  #look(): void {
    this.#watchers.look().catch(() => {})
  }
}

function channelOf(schema: string, queue: string): string {
  return `jobport_${createHash('md5').update(`${schema}.${queue}`).digest('hex').slice(0, 24)}`
}
