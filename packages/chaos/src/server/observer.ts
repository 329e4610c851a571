import { setTimeout as sleep } from 'node:timers/promises'
import type { FinalState, Ms } from '@jobport/core'
import { isBackendFailure } from '@jobport/core/adapter'
import { NOTIFICATION_QUEUE } from '@jobport/core/notify'
import type { HistoryFile } from '../history/history-file.ts'
import { queues } from '../play/definitions.ts'
import type { Actor } from './actor.ts'
import { connect, type Endpoint, type FullBackend } from './endpoint.ts'

const ALL_QUEUES = [...queues, NOTIFICATION_QUEUE]
const FINAL: readonly FinalState[] = ['completed', 'dead', 'cancelled']
const PAGE = 500
const PATIENCE: Ms = 20_000

/** Looks at the queues from outside. */
export class Observer {
  readonly #backend: FullBackend
  readonly #history: HistoryFile

  static async open(endpoint: Endpoint, history: HistoryFile): Promise<Observer> {
    const backend = await connect(endpoint)
    await backend.open()
    return new Observer(backend, history)
  }

  private constructor(backend: FullBackend, history: HistoryFile) {
    this.#backend = backend
    this.#history = history
  }

  async describe(): Promise<string> {
    const { completed, dead, open } = await this.#count()
    return `${completed} jobs completed, ${dead} dead, ${open} open`
  }

  /** Resolves when the producers are done and no job is open, or when for so long no job has ended. */
  async calm(producers: readonly Actor[], patience: Ms): Promise<void> {
    let least = Infinity
    let deadline = Infinity
    do {
      const { open } = await this.#count()
      if (open < least) {
        least = open
        deadline = performance.now() + patience
      }
      if (open === 0 && producers.every(({ isDone }) => isDone)) return
      await sleep(100)
    } while (performance.now() < deadline)
  }

  /** Writes down what there is in the end. */
  async takeStock(): Promise<void> {
    const { inspect } = this.#backend
    for (const queue of ALL_QUEUES) {
      const { waiting, scheduled, active } = await patiently(() => inspect.counts(queue))
      this.#history.add({ type: 'counts', queue, open: waiting + scheduled + active })
      for (const state of [...FINAL, 'waiting', 'scheduled', 'active'] as const) {
        for (let after: string | undefined; ;) {
          const query = { queue, state, limit: PAGE, ...(after !== undefined && { after }) }
          const page = await patiently(() => inspect.list(query))
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
    const all = await Promise.all(ALL_QUEUES.map((queue) => patiently(() => this.#backend.inspect.counts(queue))))
    const sum = (key: 'completed' | 'dead' | 'waiting' | 'scheduled' | 'active'): number =>
      all.reduce((total, counts) => total + counts[key], 0)
    return { completed: sum('completed'), dead: sum('dead'), open: sum('waiting') + sum('scheduled') + sum('active') }
  }
}

/** The server may be away for a while. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const deadline = performance.now() + PATIENCE
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isBackendFailure(error) || !error.retryable || performance.now() > deadline) throw error
      await sleep(100)
    }
  }
}
