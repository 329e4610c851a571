import type { Inspector, JobId, JobRecord, Ms } from '@jobport/core/notify'

/** News of one job, with the record it comes from. */
export interface News {
  readonly kind: 'outcome' | 'progress'
  readonly record: JobRecord
}

export interface HubOptions {
  readonly inspect: () => Promise<Inspector>
  readonly queues: readonly string[]
  /** How often running jobs are looked at. */
  readonly every: Ms
  readonly onError: (error: unknown) => void
}

const PAGE = 500
/** Outcomes that a listener who comes back may have missed. */
const REMEMBERED = 2_000

/**
 * One watch and one look at the running jobs for all listeners of a process, while there are any. A watch can miss what happens while its connection is
 * away; so a job that was seen running and runs no more is looked up as well.
 */
export class Hub {
  readonly #options: HubOptions
  readonly #listeners = new Set<(news: News) => void>()
  readonly #progress = new Map<JobId, string | undefined>()
  /** The newest outcomes, oldest first, by job and time. */
  readonly #told = new Map<string, JobRecord>()
  #stop: (() => Promise<void>) | undefined
  #working: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined

  constructor(options: HubOptions) {
    this.#options = options
  }

  /** Resolves once nothing that happens from now on is missed, with a function that ends it. */
  async listen(listener: (news: News) => void): Promise<() => void> {
    this.#listeners.add(listener)
    try {
      await this.#enqueue(() => this.#start())
    } catch (error) {
      this.#listeners.delete(listener)
      throw error
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) void this.#enqueue(() => this.#end()).catch(this.#options.onError)
    }
  }

  /** Outcomes since that moment, by the backend's clock, oldest first: of those that are remembered, and those that still have a record. */
  async since(moment: number): Promise<readonly JobRecord[]> {
    const found = new Map<string, JobRecord>(this.#told)
    const inspect = await this.#options.inspect()
    for (const queue of this.#options.queues) {
      for (const state of ['completed', 'dead', 'cancelled'] as const) {
        for await (const record of all(inspect, queue, state)) found.set(keyOf(record), record)
      }
    }
    return [...found.values()]
      .filter(({ finishedAt = 0 }) => finishedAt >= moment)
      .toSorted((a, b) => a.finishedAt! - b.finishedAt!)
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await this.#enqueue(() => this.#end())
  }

  /** One after the other: a first listener may come while the last one's end is on its way. */
  #enqueue(step: () => Promise<void>): Promise<void> {
    const next = this.#working.then(step)
    this.#working = next.catch(() => {})
    return next
  }

  async #start(): Promise<void> {
    if (this.#stop !== undefined || this.#listeners.size === 0) return
    const inspect = await this.#options.inspect()
    this.#stop = await inspect.watch((finished) => {
      const ids = finished.filter(({ queue }) => this.#options.queues.includes(queue)).map(({ id }) => id)
      this.#finished(inspect, ids).catch(this.#options.onError)
    })
    await this.#look(inspect)
    this.#schedule(inspect)
  }

  async #end(): Promise<void> {
    if (this.#stop === undefined || this.#listeners.size > 0) return
    clearTimeout(this.#timer)
    const stop = this.#stop
    this.#stop = undefined
    this.#progress.clear()
    await stop()
  }

  #schedule(inspect: Inspector): void {
    this.#timer = setTimeout(() => {
      this.#look(inspect)
        .catch(this.#options.onError)
        .finally(() => {
          if (this.#stop !== undefined) this.#schedule(inspect)
        })
    }, this.#options.every)
    this.#timer.unref()
  }

  async #look(inspect: Inspector): Promise<void> {
    const active = new Set<JobId>()
    for (const queue of this.#options.queues) {
      for await (const record of all(inspect, queue, 'active')) {
        active.add(record.id)
        const isNews = record.progress !== undefined && record.progress !== this.#progress.get(record.id)
        this.#progress.set(record.id, record.progress)
        if (isNews) this.#tell({ kind: 'progress', record })
      }
    }
    const over = [...this.#progress.keys()].filter((id) => !active.has(id))
    for (const id of over) this.#progress.delete(id)
    await this.#finished(inspect, over)
  }

  async #finished(inspect: Inspector, ids: readonly JobId[]): Promise<void> {
    if (ids.length === 0) return
    for (const record of await inspect.find(ids)) {
      // A job that was sent back to work in the meantime will finish once more.
      if (record?.finishedAt === undefined || this.#told.has(keyOf(record))) continue
      this.#told.set(keyOf(record), record)
      if (this.#told.size > REMEMBERED) this.#told.delete(this.#told.keys().next().value!)
      this.#tell({ kind: 'outcome', record })
    }
  }

  #tell(news: News): void {
    for (const listener of this.#listeners) listener(news)
  }
}

/** Names one outcome: a job that is sent back to work has another one. */
export function keyOf({ id, finishedAt }: JobRecord): string {
  return `${finishedAt}-${id}`
}

async function* all(
  inspect: Inspector,
  queue: string,
  state: 'active' | 'completed' | 'dead' | 'cancelled',
): AsyncGenerator<JobRecord> {
  let after: string | undefined
  do {
    const page = await inspect.list({ queue, state, limit: PAGE, ...(after !== undefined && { after }) })
    yield* page.jobs
    after = page.next
  } while (after !== undefined)
}
