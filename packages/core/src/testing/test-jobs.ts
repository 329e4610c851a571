import type { JobId, Ms, NewJob } from '../contract/job.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import type { JobInfo } from '../definition/job-info.ts'
import { decode } from '../encoding/json.ts'
import { memoryBackend, type MemoryBackend } from '../memory/memory-backend.ts'
import { NOTIFICATION_QUEUE, type Notification } from '../notify/notification.ts'
import { createQueue, type Queue } from '../queue/queue.ts'
import { sleep, systemClock } from '../time/clock.ts'
import { toMs, type Duration } from '../time/duration.ts'
import { VirtualClock } from '../time/virtual-clock.ts'
import type { Handler } from '../worker/handling/handler.ts'
import type { WorkerOptions } from '../worker/options.ts'
import { createWorker, type Worker } from '../worker/worker.ts'
import { recording } from './recorder.ts'

export interface TestJobsOptions extends Omit<WorkerOptions, 'runtime'> {
  /**
   * Real milliseconds that a handler may take before time moves on without it. Default 1000. Raise it for handlers that do slow work for real; a
   * handler that hangs on purpose, to test a timeout, costs the test so much.
   */
  readonly patience?: Ms
  /** Milliseconds since 1970 at the start. Default 2026-01-01T00:00Z. */
  readonly epoch?: number
}

/** Jobs in memory, with time that moves only when it is told to. */
export interface TestJobs {
  /** Give it to the code under test. */
  readonly queue: Queue<MemoryBackend['features']>
  readonly backend: MemoryBackend
  /** The time that delays, backoffs, timeouts and leases go by. */
  readonly clock: VirtualClock
  /** Runs all jobs that are due, and those that follow from them, until nothing is due. */
  runDue(): Promise<Ran>
  /** Moves time on, running every job at its time. */
  advance(by: Duration): Promise<Ran>
  /** Every job of a definition that was enqueued, by the code under test, a handler or a chain, in order. */
  enqueued<Input>(definition: JobDefinition<Input>): readonly EnqueuedJob<Input>[]
  /** Every notification that followed from an outcome, in order. They stay in their queue unless a handler takes them. */
  notifications(): readonly Notification[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface EnqueuedJob<Input> {
  readonly id: JobId
  readonly input: Input
  readonly headers: Readonly<Record<string, string>>
  /** 0 when it was due at once. */
  readonly delay: Ms
  readonly priority: number
  readonly group?: string
  readonly unique?: string
}

/** What happened to which jobs, in order; a job that failed twice is there twice. */
export interface Ran {
  readonly completed: readonly JobInfo[]
  readonly failed: readonly (JobInfo & { readonly error: unknown; readonly retryIn: Ms | undefined })[]
  readonly dead: readonly (JobInfo & { readonly error: unknown })[]
  readonly cancelled: readonly JobInfo[]
}

/**
 * A queue with its worker for tests: no server, no waiting.
 * @example
 * ```ts
 * const jobs = testJobs([handle(welcome, sendWelcome)])
 * await signUp(jobs.queue, 'ada@example.org')
 * expect(jobs.enqueued(welcome)).toMatchObject([{ input: { to: 'ada@example.org' } }])
 * await jobs.advance('1d')
 * ```
 */
export function testJobs(handlers: readonly Handler[], options: TestJobsOptions = {}): TestJobs {
  return new MemoryTestJobs(handlers, options)
}

class MemoryTestJobs implements TestJobs {
  readonly queue: TestJobs['queue']
  readonly backend: MemoryBackend
  readonly clock: VirtualClock
  readonly #handlers: readonly Handler[]
  readonly #options: Omit<WorkerOptions, 'runtime'>
  readonly #patience: Ms
  readonly #accepted: NewJob[] = []
  #settle = async (): Promise<void> => {}

  constructor(handlers: readonly Handler[], { patience = 1_000, epoch, ...options }: TestJobsOptions) {
    this.#handlers = handlers
    this.#options = options
    this.#patience = patience
    this.clock = new VirtualClock({ ...(epoch !== undefined && { epoch }), settle: () => this.#settle() })
    this.backend = recording(memoryBackend({ clock: this.clock }), (job) => this.#accepted.push(job))
    this.queue = createQueue(this.backend, { runtime: { clock: this.clock } })
  }

  runDue(): Promise<Ran> {
    return this.advance(0)
  }

  async advance(by: Duration): Promise<Ran> {
    // This clock stands still while code runs, so nothing can be seen to block it.
    const blockedAfter = '365d'
    const worker = createWorker(this.backend, this.#handlers, {
      blockedAfter,
      ...this.#options,
      runtime: { clock: this.clock },
    })
    const ran = note(worker)
    await worker.start()
    this.#settle = () => untilIdle(worker, this.#patience)
    await this.clock.advance(toMs(by, 'advance.by'))
    this.#settle = async () => {}
    await worker.close({ grace: 0 })
    return ran
  }

  enqueued<Input>(definition: JobDefinition<Input>): readonly EnqueuedJob<Input>[] {
    return this.#accepted
      .filter(({ name }) => name === definition.name)
      .map(({ id, payload, headers, delay = 0, priority = 0, group, unique }) => ({
        id,
        input: decode(payload) as Input,
        headers,
        delay,
        priority,
        ...(group !== undefined && { group }),
        ...(unique !== undefined && { unique: unique.key }),
      }))
  }

  notifications(): readonly Notification[] {
    return this.#accepted
      .filter(({ queue }) => queue === NOTIFICATION_QUEUE)
      .map(({ payload }) => decode(payload) as Notification)
  }

  async close(): Promise<void> {
    await this.queue.close()
    await this.backend.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** Every promise callback that is ready runs before the next turn; a handler that does real work takes longer, and is waited for. */
async function untilIdle(worker: Worker, patience: Ms): Promise<void> {
  const stop = new AbortController()
  const idle = new Promise<void>((resolve) => worker.once('idle', resolve))
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
  if (!worker.isIdle) await Promise.race([idle, sleep(systemClock, patience, stop.signal)])
  stop.abort()
}

function note(worker: Worker): Ran {
  const ran = {
    completed: [] as JobInfo[],
    failed: [] as Ran['failed'][number][],
    dead: [] as Ran['dead'][number][],
    cancelled: [] as JobInfo[],
  }
  worker.on('completed', (job) => ran.completed.push(job))
  worker.on('failed', (job, failure) => ran.failed.push({ ...job, ...failure }))
  worker.on('dead', (job, death) => ran.dead.push({ ...job, ...death }))
  worker.on('cancelled', (job) => ran.cancelled.push(job))
  return ran
}
