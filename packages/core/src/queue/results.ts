import { Batcher } from '../batch/batcher.ts'
import { isPassing, persist } from '../batch/persist.ts'
import type { Stateful } from '../contract/backend.ts'
import type { JobId, JobRecord } from '../contract/job.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import { decodeValue } from '../definition/value.ts'
import { reviveError } from '../encoding/described-error.ts'
import { JobCancelledError, JobDeadError, JobNotFoundError, ResultTimeoutError } from '../errors/job-error.ts'
import { toPositiveMs } from '../time/duration.ts'
import type { Runtime } from '../time/runtime.ts'
import type { ResultOptions } from './ticket.ts'

/** A watch can miss what happens while its connection is away, so waiting callers also look for themselves this often. */
const LOOK_AGAIN = 5_000

/** Finds records, many at a time, and waits for jobs to finish, all waiting callers on one watch. */
export class Results {
  readonly #backend: () => Promise<Stateful>
  readonly #runtime: Pick<Runtime, 'clock' | 'random'>
  readonly #find: Batcher<JobId, JobRecord | undefined>
  readonly #waiting = new Map<JobId, Set<() => void>>()
  #watch: Promise<() => Promise<void>> | undefined

  constructor(backend: () => Promise<Stateful>, runtime: Pick<Runtime, 'clock' | 'random'>) {
    this.#backend = backend
    this.#runtime = runtime
    this.#find = new Batcher({ max: 100, send: async (ids) => (await backend()).inspect.find(ids) })
  }

  find(id: JobId): Promise<JobRecord | undefined> {
    return this.#find.ask(id)
  }

  async wait(definition: JobDefinition, id: JobId, options: ResultOptions = {}): Promise<unknown> {
    const timeout = options.timeout === undefined ? undefined : toPositiveMs(options.timeout, 'result.timeout')
    const { clock } = this.#runtime
    const end = timeout === undefined ? Infinity : clock.now() + timeout
    const { signal } = options
    signal?.throwIfAborted()
    /** A backend that is away for a while has no say in what becomes of the job. */
    const insist = async <Reply>(call: () => Promise<Reply>): Promise<Reply> => {
      try {
        return await persist(call, { ...this.#runtime, horizon: end - clock.now(), ...(signal && { signal }) })
      } catch (error) {
        signal?.throwIfAborted()
        throw isPassing(error) ? new ResultTimeoutError(id, timeout!, { cause: error }) : error
      }
    }
    await insist(() => this.#watching())
    for (;;) {
      const news = this.#nextNews(id, Math.min(LOOK_AGAIN, end - clock.now()), signal)
      try {
        const record = await insist(() => this.find(id))
        if (record === undefined) throw new JobNotFoundError(id)
        if (record.finishedAt !== undefined) return outcomeOf(definition, record)
        await news.arrived
      } finally {
        news.cancel()
      }
      signal?.throwIfAborted()
      if (clock.now() >= end) throw new ResultTimeoutError(id, timeout!)
    }
  }

  async close(): Promise<void> {
    const watch = this.#watch
    this.#watch = undefined
    await (
      await watch
    )?.()
  }

  /** Resolves at the next word of this job, after `patience`, or when the signal aborts. */
  #nextNews(
    id: JobId,
    patience: number,
    signal: AbortSignal | undefined,
  ): { arrived: Promise<void>; cancel: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const arrive = (): void => resolve()
    const waiting = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, waiting.add(arrive))
    const cancelTimer = this.#runtime.clock.schedule(patience, arrive)
    signal?.addEventListener('abort', arrive)
    if (signal?.aborted === true) arrive()
    const cancel = (): void => {
      cancelTimer()
      signal?.removeEventListener('abort', arrive)
      waiting.delete(arrive)
      if (waiting.size === 0 && this.#waiting.get(id) === waiting) this.#waiting.delete(id)
    }
    return { arrived: promise, cancel }
  }

  async #watching(): Promise<void> {
    this.#watch ??= this.#backend().then(({ inspect }) =>
      inspect.watch((finished) => {
        if (this.#waiting.size === 0) return
        for (const { id } of finished) for (const resolve of this.#waiting.get(id) ?? []) resolve()
      }),
    )
    try {
      await this.#watch
    } catch (error) {
      this.#watch = undefined
      throw error
    }
  }
}

function outcomeOf(definition: JobDefinition, record: JobRecord): unknown {
  if (record.state === 'cancelled') throw new JobCancelledError(record.id)
  if (record.state === 'dead') {
    const last = record.errors.at(-1)
    const cause = last === undefined ? undefined : reviveError(last)
    throw new JobDeadError(
      record.id,
      `job ${record.id} (${record.name}) is dead: ${cause?.message ?? 'no error was kept'}`,
      { cause },
    )
  }
  return record.result === undefined ? undefined : decodeValue(definition, 'output', record.result)
}
