import {
  createQueue,
  createWorker,
  defineJob,
  handle,
  type,
  type Queue,
  type Worker,
  type WorkerEvents,
} from '@jobport/core'
import type { Backend, Features } from '@jobport/core/adapter'
import type { Need } from '../suite/case.ts'
import type { Stage } from './stage.ts'

export type Handlers = Parameters<typeof createWorker>[1]
export type WorkerOptions = NonNullable<Parameters<typeof createWorker>[2]>

/** Every option is allowed by the types; what the needs of a case do not vouch for is skipped or refused. */
export type Everything = { readonly [F in keyof Features]: true }

export interface HireOptions extends WorkerOptions {
  /** Another backend than the stage's own. */
  readonly on?: Backend
  /** Takes what the worker reports as an `error`. Without it that fails the case. */
  readonly troubles?: unknown[]
}

/** A queue, and workers to hire, on the stage of a case. All go home when the case ends. */
export interface Company {
  readonly queue: Queue<Everything, unknown>
  /** A queue on another backend than the stage's own. */
  queueOn(backend: Backend): Queue<Everything, unknown>
  /** A worker that is started. */
  hire(handlers: Handlers, options?: HireOptions): Promise<Worker>
  /** Which job each event was about, from the start of the worker on. */
  seen(worker: Worker): Seen
}

export type Seen = { readonly [E in JobEvent]: string[] }
type JobEvent = Exclude<keyof WorkerEvents, 'blocked' | 'idle' | 'error'>

const EVENTS: readonly JobEvent[] = [
  'started',
  'completed',
  'failed',
  'dead',
  'cancelled',
  'snoozed',
  'released',
  'lost',
  'unknown',
  'abandoned',
  'progress',
  'log',
]

export function company<N extends Need>({ backend, harness, time, onStrike }: Stage<N>): Company {
  const runtime = harness.clock === undefined ? {} : { clock: harness.clock }
  const queueOn = (on: Backend): Queue<Everything, unknown> => {
    const queue = createQueue(on as Backend<Everything>, { runtime })
    onStrike(() => time.until(queue.close(), 'closing the queue'))
    return queue
  }

  const records = new Map<Worker, Seen>()

  async function hire(
    handlers: Handlers,
    { on = backend as Backend, troubles, ...options }: HireOptions = {},
  ): Promise<Worker> {
    const worker = createWorker(on, handlers, { runtime, abortGrace: time.unit, ...options })
    records.set(worker, record(worker))
    const unforeseen: unknown[] = []
    worker.on('error', (error) => (troubles ?? unforeseen).push(error))
    onStrike(async () => {
      await time.until(worker.close({ grace: 0 }), 'closing the worker', 60_000)
      if (unforeseen.length > 0) throw unforeseen[0]
    })
    await worker.start()
    return worker
  }

  return { queue: queueOn(backend as Backend), queueOn, hire, seen: (worker) => records.get(worker)! }
}

/** Writes down the events of a worker. */
function record(worker: Worker): Seen {
  const jobs = Object.fromEntries(EVENTS.map((event) => [event, [] as string[]])) as Record<JobEvent, string[]>
  const on = worker.on.bind(worker) as (event: JobEvent, listener: (job: { readonly id: string }) => void) => unknown
  for (const event of EVENTS) on(event, ({ id }) => void jobs[event].push(id))
  return jobs
}

/** The plainest job: takes a number, gives a number. */
export const double = defineJob('double', {
  queue: 'work',
  input: type<number>(),
  output: type<number>(),
  retry: { retries: 0 },
})

/** A job that takes a number and has no result; what it does is up to the case. */
export const waits = defineJob('waits', { queue: 'work', input: type<number>(), retry: { retries: 0 } })

export const doubles = handle(double, (input) => input * 2)

/** A promise that is kept by hand. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
