import type { Backend } from '../../contract/backend.ts'
import { readValue } from '../../definition/value.ts'
import { OptionError } from '../../errors/option-error.ts'
import type { Attempted } from '../../retry/decide.ts'
import { failed, returned, threw } from './attempt.ts'
import type { Batch } from './batch.ts'
import { BatchContext, Context, type ContextActions } from './context.ts'
import type { ManyHandler, OneHandler } from './handler.ts'
import type { Instrumentation } from '../instrumentation.ts'
import type { Run } from '../run.ts'

/** Calls handlers, and tells how their attempts ended. */
export class Performer {
  readonly #backend: Backend
  readonly #actions: ContextActions
  readonly #process: Instrumentation['process']
  readonly #onEnd: (run: Run, attempted: Attempted) => void

  constructor(
    backend: Backend,
    actions: ContextActions,
    process: Instrumentation['process'],
    onEnd: (run: Run, attempted: Attempted) => void,
  ) {
    this.#backend = backend
    this.#actions = actions
    this.#process = process
    this.#onEnd = onEnd
  }

  perform(run: Run): void {
    const handler = run.handler as OneHandler
    const context = new Context(run, this.#actions)
    let value: unknown
    let isLate: boolean
    try {
      const input = readInput(run)
      value =
        input instanceof Promise
          ? input.then((late) => this.#call(run, handler, late, context))
          : this.#call(run, handler, input, context)
      // Asking a value of a user whether it is a promise may throw as well.
      isLate = isThenable(value)
    } catch (error) {
      this.#onEnd(run, threw(run, error))
      return
    }
    if (isLate) {
      Promise.resolve(value).then(
        (late) => this.#returned(run, late),
        (error: unknown) => this.#onEnd(run, threw(run, error)),
      )
    } else this.#returned(run, value)
  }

  async performMany(runs: readonly Run[]): Promise<void> {
    const handler = runs[0]!.handler as ManyHandler
    const batch = runs[0]!.batch as Batch
    const jobs = await Promise.all(runs.map((run) => this.#batchJob(run)))
    const readable = runs.filter((_, index) => jobs[index] !== undefined)
    if (readable.length === 0) return
    try {
      const values: unknown = await this.#around(readable, () =>
        handler.run(
          jobs.filter((job) => job !== undefined),
          { signal: batch.signal },
        ),
      )
      this.#returnedMany(handler, readable, values)
    } catch (error) {
      for (const run of readable) this.#onEnd(run, threw(run, error))
    }
  }

  #call(run: Run, handler: OneHandler, input: unknown, context: Context): unknown {
    return this.#process === undefined
      ? handler.run(input, context)
      : this.#around([run], () => handler.run(input, context))
  }

  #around(runs: readonly Run[], call: () => unknown): unknown {
    if (this.#process === undefined) return call()
    const jobs = runs.map((run) => run.info)
    return this.#process(jobs, (headers) => {
      for (const run of runs) run.carried = headers
      return call()
    })
  }

  /** `undefined` when the input does not fit: that job is done with, the others go on. */
  async #batchJob(run: Run): Promise<BatchContext | undefined> {
    try {
      return new BatchContext(run, this.#actions, await readInput(run))
    } catch (error) {
      this.#onEnd(run, threw(run, error))
      return undefined
    }
  }

  #returnedMany(handler: ManyHandler, runs: readonly Run[], values: unknown): void {
    if (values !== undefined && (!Array.isArray(values) || values.length !== runs.length)) {
      const error = new OptionError(
        `handleMany(${handler.definition.name})`,
        `the handler must return nothing, or an array with an entry for each of its ${runs.length} jobs`,
      )
      for (const run of runs) this.#onEnd(run, failed(error))
      return
    }
    runs.forEach((run, index) => {
      const value: unknown = (values as readonly unknown[] | undefined)?.[index]
      if (value instanceof Error) this.#onEnd(run, threw(run, value))
      else this.#returned(run, value)
    })
  }

  #returned(run: Run, value: unknown): void {
    if (run.state === 'ended') return
    const attempted = returned(this.#backend, run, value)
    if (attempted instanceof Promise) void attempted.then((late) => this.#onEnd(run, late))
    else this.#onEnd(run, attempted)
  }
}

function readInput(run: Run): unknown {
  return readValue(run.handler.definition, 'input', () => run.takePayload())
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
