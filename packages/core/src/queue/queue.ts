import type { Backend } from '../contract/backend.ts'
import type { Features } from '../contract/features.ts'
import type { Inspector } from '../contract/inspector.ts'
import type { JobId } from '../contract/job.ts'
import type { Operator } from '../contract/operator.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import type { NotifyRule } from '../notify/rule.ts'
import type { Runtime } from '../time/runtime.ts'
import type { Duration } from '../time/duration.ts'
import type { Instrumentation } from '../worker/instrumentation.ts'
import type { EnqueueOptions, NoState, NoTransactions, Unsupported } from './gate.ts'
import { JobQueue } from './job-queue.ts'
import type { Receipt, TicketOf } from './ticket.ts'

/** Where an application hands jobs over. One per process and backend is enough; it serves every queue of that backend. */
export interface Queue<F extends Features = Features, Tx = any> extends Enqueuer<F> {
  /** Jobs enqueued through it are visible if and only if the caller's transaction commits. */
  readonly within: [F['transactions']] extends [false] ? Unsupported<NoTransactions> : (tx: Tx) => Enqueuer<F>
  /** The handle to a job that was enqueued elsewhere. */
  ticket<Output>(definition: JobDefinition<any, any, any, Output>, id: JobId): TicketOf<F, Output>
  /** Reads jobs and queues. */
  readonly inspect: [F['state']] extends [false] ? Unsupported<NoState> : Inspector
  /** Cancels, retries, removes, pauses. */
  readonly operate: [F['state']] extends [false] ? Unsupported<NoState> : Operator
  /** Connects. Enqueuing does so by itself; call it to learn of trouble at the start of the program. */
  open(): Promise<void>
  /** Waits for what is on its way and refuses more. The backend stays open: close it where it was made. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface Enqueuer<F extends Features> {
  /**
   * Stores a job. When it resolves, the job is stored as durably as the backend acknowledges writes. Concurrent calls leave together.
   * @throws InvalidValueError when the input does not fit the schema; OptionError, UnsupportedError for options;
   * BackendError when it could not be stored — with `outcome: 'unknown'` it may have been, and a repeat with the same `id` makes no second job.
   */
  enqueue<Input, Output>(
    definition: JobDefinition<Input, any, any, Output>,
    input: Input,
    options?: EnqueueOptions<F>,
  ): Promise<TicketOf<F, Output>>
  /**
   * Stores many jobs, in order, with a receipt for each, by index. A job that is refused does not stop the others.
   * @throws BackendError only when the backend could not be reached at all.
   */
  enqueueMany<Input, Output>(
    definition: JobDefinition<Input, any, any, Output>,
    jobs: readonly { readonly input: Input; readonly options?: EnqueueOptions<F> }[],
  ): Promise<readonly Receipt<TicketOf<F, Output>>[]>
}

export interface QueueOptions {
  /**
   * How long an enqueue is repeated, with the same ids, while the backend is out of reach. Default 5 s; 0: one try. A backend without state cannot
   * recognise a repeat, so there only calls that certainly were not applied are repeated.
   */
  readonly patience?: Duration
  /**
   * Who learns of the jobs that are cancelled through the tickets of this queue, besides whom their definitions name. All other outcomes are a worker's, and so are the rules for
   * them: give both the same.
   */
  readonly notify?: readonly NotifyRule[]
  /** What measures and traces the enqueues. */
  readonly instrumentation?: Instrumentation
  /** For tests: time, chance and ids. */
  readonly runtime?: Partial<Runtime>
}

/** Where jobs are handed over. Nothing is connected until the first job, or `open()`. */
export function createQueue<const F extends Features, Tx>(
  backend: Backend<F, Tx>,
  options: QueueOptions = {},
): Queue<F, Tx> {
  return new JobQueue(backend as Backend, options) as unknown as Queue<F, Tx>
}
