import type { Backend } from '../contract/backend.ts'
import type { Duration } from '../time/duration.ts'
import type { WorkerEvents } from './events.ts'
import type { Handler } from './handling/handler.ts'
import { JobWorker } from './job-worker.ts'
import type { WorkerOptions } from './options.ts'

/** Takes jobs from their queues and calls their handlers. */
export interface Worker {
  /** Handlers that run at the same time. May be changed at any time; lowering it lets the surplus finish. */
  concurrency: number
  /** Handlers that are running. */
  readonly running: number
  /** Jobs that are claimed and not started. */
  readonly ready: number
  /** Nothing is running, held or on its way, and every queue was empty when last asked. */
  readonly isIdle: boolean
  /**
   * Opens the backend and begins to work; resolves when it does.
   * @throws BackendError when the backend cannot be opened.
   */
  start(): Promise<void>
  /**
   * Works until `close()` is called or one of `signals` arrives, and resolves when the worker has closed. A second signal, half a second later or more, ends the process at once.
   * @throws BackendError when the backend cannot be opened, is closed meanwhile, or is no longer fit for this version;
   * UnsettledError as `close` does.
   */
  run(options?: RunOptions): Promise<void>
  /** Claims and starts nothing more; what runs goes on, what was claimed ahead goes back. */
  pause(): void
  resume(): void
  /**
   * Stops: claims nothing more, gives back at once what was not started, waits for running handlers up to `grace`, then aborts their signals and gives their jobs back
   * too. None of it counts as a failure. Always ends, also when the backend is away. Calling it again with less grace hastens it.
   * @throws UnsettledError when outcomes could not be stored within 10 s, because the backend is away.
   */
  close(options?: CloseOptions): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
  on<Event extends keyof WorkerEvents>(event: Event, listener: WorkerEvents[Event]): this
  once<Event extends keyof WorkerEvents>(event: Event, listener: WorkerEvents[Event]): this
  /** Without a listener: all of the event's. */
  off<Event extends keyof WorkerEvents>(event: Event, listener?: WorkerEvents[Event]): this
}

export interface CloseOptions {
  /** How long running handlers may go on. Default 20 s. */
  readonly grace?: Duration
}

export interface RunOptions extends CloseOptions {
  /** Default SIGTERM and SIGINT; `[]` for none. */
  readonly signals?: readonly NodeJS.Signals[]
}

/**
 * A worker for these handlers. Nothing happens before `start()` or `run()`.
 * @throws OptionError for options that are not usable, or that the backend cannot honour.
 */
export function createWorker(backend: Backend<any>, handlers: readonly Handler[], options: WorkerOptions = {}): Worker {
  const worker = new JobWorker(backend as Backend, handlers, options)
  options.instrumentation?.attach?.(
    worker,
    handlers.map(({ definition: { queue, name } }) => ({ queue, name })),
    backend as Backend,
  )
  return worker
}
