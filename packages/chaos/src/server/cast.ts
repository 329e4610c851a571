import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '@jobport/core'
import { acceptedBy, type HistoryFile } from '../history/history-file.ts'
import { INTERVAL, PRODUCERS, WORKERS, type Setting } from '../plan/setting.ts'
import type { Part } from '../play/part.ts'
import { Actor } from './actor.ts'
import type { Stage } from './stage.ts'

export interface CastOptions {
  readonly stage: Stage
  readonly folder: string
  readonly history: HistoryFile
  readonly origin: Ms
}

/** All who play in a run. */
export class Cast {
  readonly workers: readonly Actor[]
  readonly producers: readonly Actor[]
  readonly #setting: Setting
  readonly #options: CastOptions
  #from: Ms = 0

  constructor(setting: Setting, options: CastOptions) {
    const { folder, history } = options
    const surroundings = { history, cache: join(folder, 'cache'), partOf: (actor: Actor) => this.#partOf(actor) }
    this.#setting = setting
    this.#options = options
    const workers = Array.from({ length: WORKERS }, (_, index) => new Actor('worker', index, surroundings))
    this.workers = [...workers, new Actor('notifier', 0, surroundings)]
    this.producers = Array.from({ length: PRODUCERS }, (_, index) => new Actor('producer', index, surroundings))
  }

  get all(): readonly Actor[] {
    return [...this.workers, ...this.producers]
  }

  /** Resolves when everybody is at work. */
  async begin(): Promise<void> {
    for (const worker of this.workers) worker.spawn()
    while (!this.workers.every(({ isReady }) => isReady)) await sleep(20)
    this.#from = this.#options.history.now()
    for (const producer of this.producers) producer.spawn()
  }

  #partOf({ role, index, name, lives }: Actor): Part {
    const { stage, folder, origin } = this.#options
    const { jobs, kills, mutant } = this.#setting
    return {
      role,
      index,
      name,
      folder,
      origin,
      endpoint: stage.endpoint,
      jobs,
      rate: jobs / ((kills * INTERVAL) / 1_000),
      from: this.#from,
      accepted: role === 'producer' ? acceptedBy(folder, lives) : [],
      ...(mutant && { mutant }),
    }
  }
}
