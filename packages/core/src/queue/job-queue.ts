import { Batcher } from '../batch/batcher.ts'
import { isPassing, persist } from '../batch/persist.ts'
import type { Backend, Enqueued, Mover, Stateful } from '../contract/backend.ts'
import type { Inspector } from '../contract/inspector.ts'
import type { JobId, Ms, NewJob } from '../contract/job.ts'
import type { Cancellation, Operator } from '../contract/operator.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import { checkKnown } from '../definition/known-options.ts'
import { newJob, type NewJobOptions } from '../definition/new-job.ts'
import { encodeValue } from '../definition/value.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { OptionError, UnsupportedError } from '../errors/option-error.ts'
import { toMs } from '../time/duration.ts'
import { toRuntime, type Runtime } from '../time/runtime.ts'
import { cancelJob } from './cancel.ts'
import type { QueueOptions } from './queue.ts'
import { Results } from './results.ts'
import type { Receipt, ResultOptions, Ticket } from './ticket.ts'

type Item = { readonly input: unknown; readonly options?: NewJobOptions }

/** Behind the types of `Queue`, which allow only what the backend can do; here the same is checked at run time. */
export class JobQueue {
  readonly #backend: Backend
  readonly #patience: Ms
  readonly #runtime: Runtime
  readonly #enqueues: Batcher<NewJob, Enqueued>
  readonly #results: Results
  #opening: Promise<void> | undefined
  #closed = false

  constructor(backend: Backend, options: QueueOptions) {
    checkKnown(options, ['patience', 'runtime'], 'createQueue')
    this.#backend = backend
    this.#patience = toMs(options.patience ?? '5s', 'patience')
    this.#runtime = toRuntime(options.runtime)
    this.#enqueues = new Batcher({ max: backend.limits.enqueueBatch, send: (jobs) => this.#store(jobs) })
    this.#results = new Results(() => this.#stateful(), this.#runtime)
  }

  open(): Promise<void> {
    this.#opening ??= this.#backend.open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#enqueues.idle()
    await this.#results.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  enqueue(definition: JobDefinition, input: unknown, options?: NewJobOptions): Promise<Ticket> {
    return new Promise((resolve, reject) => {
      this.#checkOpen()
      const payload = encodeValue(definition, 'input', input)
      const add = (text: string): void => {
        const item = newJob(this.#backend, definition, text, options, this.#runtime.newId)
        this.#enqueues.add({
          item,
          reject,
          resolve: (reply) => this.#answer(definition, item, options, reply, resolve, reject),
        })
      }
      if (typeof payload === 'string') add(payload)
      else payload.then(add).catch(reject)
    })
  }

  async enqueueMany(definition: JobDefinition, items: readonly Item[]): Promise<readonly Receipt<Ticket>[]> {
    return receipts(
      await Promise.allSettled(items.map(({ input, options }) => this.enqueue(definition, input, options))),
    )
  }

  readonly within = (tx: unknown): Pick<JobQueue, 'enqueue' | 'enqueueMany'> => {
    const backend = this.#backend
    if (backend.within === undefined) {
      throw new UnsupportedError(backend.name, 'transactions', 'Use Postgres or SQLite, or enqueue after the commit.')
    }
    const joined = backend.within(tx)
    // One call after the other: the caller's connection does one thing at a time.
    const enqueues = new Batcher<NewJob, Enqueued>({
      max: backend.limits.enqueueBatch,
      inFlight: 1,
      send: (jobs) => this.#storeIn(joined, jobs),
    })
    const enqueue = async (definition: JobDefinition, input: unknown, options?: NewJobOptions): Promise<Ticket> => {
      this.#checkOpen()
      const item = newJob(
        backend,
        definition,
        await encodeValue(definition, 'input', input),
        options,
        this.#runtime.newId,
      )
      const reply = await enqueues.ask(item)
      return new Promise((resolve, reject) => this.#answer(definition, item, options, reply, resolve, reject))
    }
    return {
      enqueue,
      enqueueMany: async (definition, items) =>
        receipts(await Promise.allSettled(items.map(({ input, options }) => enqueue(definition, input, options)))),
    }
  }

  ticket(definition: JobDefinition, id: JobId, duplicate = false): Ticket {
    return new JobTicket(this, definition, id, duplicate)
  }

  get inspect(): Inspector {
    return this.#state().inspect
  }

  get operate(): Operator {
    return this.#state().operate
  }

  get results(): Results {
    this.#state()
    return this.#results
  }

  async cancel(definition: JobDefinition, id: JobId): Promise<Cancellation> {
    return cancelJob(await this.#stateful(), definition, id)
  }

  async #store(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    const { clock, random } = this.#runtime
    const remembers = this.#backend.features.state
    return persist(() => this.#storeIn(this.#backend, jobs), {
      clock,
      random,
      horizon: this.#patience,
      retryable: (error) => isPassing(error) && (remembers || (isBackendFailure(error) && error.outcome === 'none')),
    })
  }

  async #storeIn(target: Pick<Mover, 'enqueue'>, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    await this.open()
    return target.enqueue(jobs)
  }

  #answer(
    definition: JobDefinition,
    job: NewJob,
    options: NewJobOptions | undefined,
    reply: Enqueued,
    resolve: (ticket: Ticket) => void,
    reject: (error: unknown) => void,
  ): void {
    if (reply.status === 'enqueued') return resolve(new JobTicket(this, definition, job.id, false))
    if (reply.status === 'refused') return reject(reply.error)
    // An id that was minted here is known to the backend only if an earlier try of this very call stored it.
    const repeat = reply.of === job.id && options?.id === undefined
    resolve(new JobTicket(this, definition, reply.of, !repeat))
  }

  #state(): Stateful {
    const { name, inspect, operate, report } = this.#backend
    if (inspect !== undefined && operate !== undefined && report !== undefined)
      return this.#backend as Backend & Stateful
    throw new UnsupportedError(name, 'reading the state of jobs', 'Add a store: withStore(backend, store).')
  }

  async #stateful(): Promise<Stateful> {
    const stateful = this.#state()
    await this.open()
    return stateful
  }

  #checkOpen(): void {
    if (this.#closed) throw new OptionError('queue', 'is closed; create a new one with createQueue')
  }
}

class JobTicket implements Ticket {
  readonly id: JobId
  readonly duplicate: boolean
  readonly #queue: JobQueue
  readonly #definition: JobDefinition

  constructor(queue: JobQueue, definition: JobDefinition, id: JobId, duplicate: boolean) {
    this.id = id
    this.duplicate = duplicate
    this.#queue = queue
    this.#definition = definition
  }

  async status(): ReturnType<Ticket['status']> {
    return (await this.record())?.state ?? 'unknown'
  }

  async record(): ReturnType<Ticket['record']> {
    return this.#queue.results.find(this.id)
  }

  async result(options?: ResultOptions): Promise<unknown> {
    return this.#queue.results.wait(this.#definition, this.id, options)
  }

  async cancel(): Promise<Cancellation> {
    return this.#queue.cancel(this.#definition, this.id)
  }
}

function receipts(settled: readonly PromiseSettledResult<Ticket>[]): readonly Receipt<Ticket>[] {
  const unreachable = settled.filter(
    (one) => one.status === 'rejected' && isBackendFailure(one.reason) && isPassing(one.reason),
  )
  if (settled.length > 0 && unreachable.length === settled.length)
    throw (unreachable[0] as PromiseRejectedResult).reason
  return settled.map((one) => {
    if (one.status === 'rejected') return { status: 'refused', error: one.reason as Error }
    const ticket = one.value
    return ticket.duplicate ? { status: 'duplicate', of: ticket.id, ticket } : { status: 'enqueued', ticket }
  })
}
