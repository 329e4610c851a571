import type { FinalState, Ms } from '@jobport/core'
import { isBackendFailure } from '@jobport/core/adapter'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import type { HistoryFile } from '../history/history-file.ts'
import { queues } from '../play/definitions.ts'
import type { Actor } from './actor.ts'
import { calm, patiently } from './calm.ts'
import { connect, type FullBackend, type StatefulEndpoint } from './endpoint.ts'
import type { Onlooker } from './onlooker.ts'

const ALL_QUEUES = [...queues, NOTIFICATION_QUEUE]
const FINAL: readonly FinalState[] = ['completed', 'dead', 'cancelled']
const PAGE = 500

/** Looks at a backend that remembers. */
export class RecordsOnlooker implements Onlooker {
  readonly #backend: FullBackend
  readonly #history: HistoryFile

  static async open(endpoint: StatefulEndpoint, history: HistoryFile): Promise<RecordsOnlooker> {
    const backend = await connect(endpoint)
    await backend.open()
    return new RecordsOnlooker(backend, history)
  }

  private constructor(backend: FullBackend, history: HistoryFile) {
    this.#backend = backend
    this.#history = history
  }

  async describe(): Promise<string> {
    const { completed, dead, open } = await this.#count()
    return `${completed} jobs completed, ${dead} dead, ${open} open`
  }

  calm(producers: readonly Actor[], patience: Ms): Promise<void> {
    return calm(async () => (await this.#count()).open, { producers, patience, every: 100 })
  }

  async takeStock(): Promise<void> {
    const { inspect } = this.#backend
    for (const queue of ALL_QUEUES) {
      const { waiting, scheduled, active } = await patiently(() => inspect.counts(queue), isPassing)
      this.#history.add({ type: 'counts', queue, open: waiting + scheduled + active })
      for (const state of [...FINAL, 'waiting', 'scheduled', 'active'] as const) {
        for (let after: string | undefined; ;) {
          const query = { queue, state, limit: PAGE, ...(after !== undefined && { after }) }
          const page = await patiently(() => inspect.list(query), isPassing)
          for (const record of page.jobs) this.#history.add({ type: 'record', record })
          after = page.next
          if (after === undefined) break
        }
      }
    }
  }

  async close(): Promise<void> {
    await this.#backend.close()
  }

  async #count(): Promise<{ readonly completed: number; readonly dead: number; readonly open: number }> {
    const all = await Promise.all(
      ALL_QUEUES.map((queue) => patiently(() => this.#backend.inspect.counts(queue), isPassing)),
    )
    const sum = (key: 'completed' | 'dead' | 'waiting' | 'scheduled' | 'active'): number =>
      all.reduce((total, counts) => total + counts[key], 0)
    return { completed: sum('completed'), dead: sum('dead'), open: sum('waiting') + sum('scheduled') + sum('active') }
  }
}

function isPassing(error: unknown): boolean {
  return isBackendFailure(error) && error.retryable
}
