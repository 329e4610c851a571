import type { Worker } from '@jobport/core'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@jobport/example-service'
import { TaskError } from '../tasks/task.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { Health } from './process-status.ts'

const BEAT = 2_000

export interface HeartOptions {
  readonly heartbeats: Heartbeats
  /** Whether messages of a task cannot be received. */
  readonly isDown: (task: string) => boolean
  readonly log: Logger
}

/** Tells the database every two seconds how the tasks of this controller are. When it falls silent, they have nobody. */
export class Heart {
  readonly #options: HeartOptions
  readonly #controller = randomUUID()
  readonly #tasks = new Set<string>()
  readonly #failing = new Set<string>()
  readonly #stopping = new AbortController()
  #beating: Promise<void> | undefined

  constructor(options: HeartOptions) {
    this.#options = options
  }

  /** From now on the health of a task is what becomes of its jobs: the last run that failed, other than by its params, is an error until one completes. */
  follow(task: string, worker: Pick<Worker, 'on'>): void {
    this.#tasks.add(task)
    const failed = (error: unknown): unknown => error instanceof TaskError || this.#failing.add(task)
    worker.on('failed', (_, { error }) => failed(error))
    worker.on('dead', (_, { error }) => failed(error))
    worker.on('completed', () => this.#failing.delete(task))
  }

  health(task: string): Health {
    if (this.#options.isDown(task)) return 'queue'
    return this.#failing.has(task) ? 'error' : 'active'
  }

  start(): void {
    this.#beating ??= this.#beat()
  }

  /** Says goodbye, so that nobody waits for the silence to be noticed. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#beating
    const { heartbeats, log } = this.#options
    await heartbeats
      .leave(this.#controller)
      .catch((error: unknown) => log.warn({ err: error }, 'could not say goodbye; the silence will be noticed'))
  }

  async #beat(): Promise<void> {
    const { heartbeats, log } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        const healths = Array.from(this.#tasks, (task) => [task, this.health(task)] as const)
        await heartbeats.beat(this.#controller, new Map(healths))
      } catch (error) {
        log.warn({ err: error }, 'a heartbeat was not stored')
      }
      await delay(BEAT, undefined, { signal }).catch(() => {})
    }
  }
}
