import type { Backend } from '../../contract/backend.ts'
import { notJson, parseValue } from '../../definition/value.ts'
import { OptionError } from '../../errors/option-error.ts'
import type { Attempted } from '../../retry/decide.ts'
import { failed, returned, threw } from './attempt.ts'
import type { Batch } from './batch.ts'
import { BatchContext, Context, type ContextActions } from './context.ts'
import type { ManyHandler, OneHandler } from './handler.ts'
import type { Instrumentation } from '../instrumentation.ts'
import type { Run } from '../run.ts'

/**
 * Calls handlers, and tells how their attempts ended. Where a callback is made that few jobs need, that is a function of its own: what a callback sees is put on the heap
 * whenever the function around it begins, whether the callback is made or not.
 */
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
    let value: unknown
    let isLate: boolean
    try {
      const input = readInput(run)
      value = input instanceof Promise ? this.#callWith(run, input) : this.#call(run, input)
      // Asking a value of a user whether it is a promise may throw as well.
      isLate = isThenable(value)
    } catch (error) {
      this.#onEnd(run, threw(run, error))
      return
    }
    if (isLate) this.#await(run, value)
    else this.#returned(run, value)
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

  #call(run: Run, input: unknown): unknown {
    const context = new Context(run, this.#actions)
    return this.#process === undefined
      ? (run.handler as OneHandler).run(input, context)
      : this.#callInside(run, input, context)
  }

  /** Of the instrumentation. */
  #callInside(run: Run, input: unknown, context: Context): unknown {
    return this.#around([run], () => (run.handler as OneHandler).run(input, context))
  }

  #callWith(run: Run, input: Promise<unknown>): Promise<unknown> {
    return input.then((late) => this.#call(run, late))
  }

  #await(run: Run, value: unknown): void {
    Promise.resolve(value).then(
      (late) => this.#returned(run, late),
      (error: unknown) => this.#onEnd(run, threw(run, error)),
    )
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
    if (attempted instanceof Promise) this.#endWith(run, attempted)
    else this.#onEnd(run, attempted)
  }

  #endWith(run: Run, attempted: Promise<Attempted>): void {
    void attempted.then((late) => this.#onEnd(run, late))
  }
}

function readInput(run: Run): unknown {
  const { definition } = run.handler
  let value: unknown
  try {
    value = run.takePayload()
  } catch (error) {
    throw notJson(definition, 'input', error)
  }
  return parseValue(definition, 'input', value)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
