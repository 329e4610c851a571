import { isPassing, persist, type Persistence } from '../batch/persist.ts'
import type { Backend, Enqueued, Mover, Stateful } from '../contract/backend.ts'
import type { Inspector } from '../contract/inspector.ts'
import type { JobId, NewJob } from '../contract/job.ts'
import type { Cancellation, Operator } from '../contract/operator.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import { checkKnown } from '../definition/known-options.ts'
import { isBackendFailure } from '../errors/backend-error.ts'
import { ClosedError } from '../errors/closed-error.ts'
import { UnsupportedError } from '../errors/option-error.ts'
import { checkRules, type NotifyRule } from '../notify/rule.ts'
import { toMs } from '../time/duration.ts'
import { toRuntime, type Runtime } from '../time/runtime.ts'
import type { Instrumentation } from '../worker/instrumentation.ts'
import { cancelJob } from './cancel.ts'
import { JobEnqueuer } from './job-enqueuer.ts'
import { JobTicket } from './job-ticket.ts'
import type { QueueOptions } from './queue.ts'
import { Results } from './results.ts'
import type { Ticket } from './ticket.ts'

/** Behind the types of `Queue`, which allow only what the backend can do; here the same is checked at run time. */
export class JobQueue {
  readonly #backend: Backend
  readonly #persistence: Persistence
  readonly #rules: readonly NotifyRule[]
  readonly #runtime: Runtime
  readonly #instrumentation: Instrumentation | undefined
  readonly #enqueuer: JobEnqueuer
  readonly #results: Results
  // Reading and operating open the backend, as enqueuing does.
  readonly #inspect: Inspector = {
    find: async (ids) => (await this.#stateful()).inspect.find(ids),
    list: async (query) => (await this.#stateful()).inspect.list(query),
    counts: async (queue) => (await this.#stateful()).inspect.counts(queue),
    queues: async () => (await this.#stateful()).inspect.queues(),
    watch: async (listener) => (await this.#stateful()).inspect.watch(listener),
  }
  readonly #operate: Operator = {
    cancel: async (requests) => (await this.#stateful()).operate.cancel(requests),
    retry: async (ids) => (await this.#stateful()).operate.retry(ids),
    remove: async (ids) => (await this.#stateful()).operate.remove(ids),
    pause: async (queue) => (await this.#stateful()).operate.pause(queue),
    resume: async (queue) => (await this.#stateful()).operate.resume(queue),
    purge: async (request) => (await this.#stateful()).operate.purge(request),
  }
  #opening: Promise<void> | undefined
  #isOpen = false
  #closed = false

  constructor(backend: Backend, options: QueueOptions) {
    checkKnown(options, ['patience', 'notify', 'instrumentation', 'runtime'], 'createQueue')
    this.#rules = checkRules(options.notify ?? [])
    this.#backend = backend
    const horizon = toMs(options.patience ?? '5s', 'patience')
    this.#runtime = toRuntime(options.runtime)
    const { clock, random } = this.#runtime
    this.#persistence = { clock, random, horizon, retryable: (error) => this.#isRepeatable(error) }
    this.#instrumentation = options.instrumentation
    this.#enqueuer = this.#enqueuerTo((jobs) => this.#store(jobs), false)
    this.#results = new Results(() => this.#stateful(), this.#runtime)
  }

  open(): Promise<void> {
    this.#opening ??= this.#backend.open().then(
      () => void (this.#isOpen = true),
      (error: unknown) => {
        this.#opening = undefined
        throw error
      },
    )
    return this.#opening
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#enqueuer.idle()
    await this.#results.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  enqueue(...[definition, input, options]: Parameters<JobEnqueuer['enqueue']>): Promise<Ticket> {
    return this.#enqueuer.enqueue(definition, input, options)
  }

  enqueueMany(...[definition, items]: Parameters<JobEnqueuer['enqueueMany']>): ReturnType<JobEnqueuer['enqueueMany']> {
    return this.#enqueuer.enqueueMany(definition, items)
  }

  readonly within = (tx: unknown): Pick<JobEnqueuer, 'enqueue' | 'enqueueMany'> => {
    const backend = this.#backend
    if (backend.within === undefined) {
      throw new UnsupportedError(backend.name, 'transactions', 'Use Postgres or SQLite, or enqueue after the commit.')
    }
    const joined = backend.within(tx)
    // One call after the other: the caller's connection does one thing at a time.
    return this.#enqueuerTo((jobs) => this.#storeIn(joined, jobs), true)
  }

  ticket(definition: JobDefinition, id: JobId, duplicate = false): Ticket {
    return new JobTicket(this, definition, id, duplicate)
  }

  get inspect(): Inspector {
    this.#state()
    return this.#inspect
  }

  get operate(): Operator {
    this.#state()
    return this.#operate
  }

  get results(): Results {
    this.#state()
    return this.#results
  }

  async cancel(definition: JobDefinition, id: JobId): Promise<Cancellation> {
    return cancelJob(await this.#stateful(), definition, id, this.#rules)
  }

  #enqueuerTo(send: (jobs: readonly NewJob[]) => Promise<readonly Enqueued[]>, sequential: boolean): JobEnqueuer {
    return new JobEnqueuer({
      target: this.#backend,
      send,
      sequential,
      newId: this.#runtime.newId,
      ticket: (definition, id, duplicate) => new JobTicket(this, definition, id, duplicate),
      checkOpen: () => this.#checkOpen(),
      around: this.#instrumentation?.send,
    })
  }

  #store(jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return persist(() => this.#storeIn(this.#backend, jobs), this.#persistence)
  }

  #storeIn(target: Pick<Mover, 'enqueue'>, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
    return this.#isOpen ? target.enqueue(jobs) : this.open().then(() => target.enqueue(jobs))
  }

  /** Without state a backend cannot tell a repeat from another job. */
  #isRepeatable(error: unknown): boolean {
    return isPassing(error) && (this.#backend.features.state || (isBackendFailure(error) && error.outcome === 'none'))
  }

  #state(): Mover & Stateful {
    const { name, inspect, operate, report } = this.#backend
    if (inspect !== undefined && operate !== undefined && report !== undefined) return this.#backend as Mover & Stateful
    throw new UnsupportedError(name, 'reading the state of jobs', 'Add a store: withStore(backend, store).')
  }

  async #stateful(): Promise<Mover & Stateful> {
    const stateful = this.#state()
    await this.open()
    return stateful
  }

  #checkOpen(): void {
    if (this.#closed) throw new ClosedError('queue', 'createQueue')
  }
}
