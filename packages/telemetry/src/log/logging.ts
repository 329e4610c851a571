import { withoutCredentials, type Instrumentation, type JobInfo, type WorkerEvents } from '@jobport/core'
import type { Level, Logger } from './logger.ts'
import { redactor } from './redaction.ts'

export interface LoggingOptions {
  /** Paths of further fields to hide, wherever they end a path: `['card.number']`, or the `secret` of your job definitions. */
  readonly redact?: readonly string[]
  /**
   * Of events. Default: `dead`, `error` error; `failed`, `lost`, `unknown`, `abandoned`, `blocked` warn; `cancelled`, `log` info; `completed`, `snoozed`,
   * `released`, `progress` debug; `started`, `idle` off.
   */
  readonly levels?: Readonly<Partial<Record<keyof WorkerEvents, Level | 'off'>>>
}

/** Tells a logger what workers do. Nothing secret reaches the logger through it. */
export interface Logging extends Required<Pick<Instrumentation, 'attach'>> {
  /** The logger, redacted. */
  readonly logger: Logger
  /** A redacted logger for one job: every line has the job's id, name, queue, attempt and, where it is of one, group. */
  readonly for: (job: JobInfo) => Logger
}

const LEVELS: Readonly<Record<keyof WorkerEvents, Level | 'off'>> = {
  started: 'off',
  completed: 'debug',
  failed: 'warn',
  dead: 'error',
  cancelled: 'info',
  snoozed: 'debug',
  released: 'debug',
  lost: 'warn',
  unknown: 'warn',
  abandoned: 'warn',
  progress: 'debug',
  log: 'info',
  blocked: 'warn',
  idle: 'off',
  error: 'error',
}

export function createLogging(logger: Logger, options: LoggingOptions = {}): Logging {
  const redact = redactor(options.redact)
  const levels = { ...LEVELS, ...options.levels }
  const safe = redacted(logger, redact)
  const forJob = ({ id, name, queue, attempt, group }: JobInfo): Logger =>
    safe.child({ job: { id, name, queue, attempt, ...(group !== undefined && { group }) } })
  return {
    logger: safe,
    for: forJob,
    attach(worker) {
      const listen = <Event extends keyof WorkerEvents>(
        event: Event,
        facts: (...args: Parameters<WorkerEvents[Event]>) => Line,
      ): void => {
        const level: Level | 'off' = levels[event]
        if (level === 'off') return
        const listener = (...args: Parameters<WorkerEvents[Event]>): void => {
          const { job, message, ...rest } = facts(...args)
          ;(job === undefined ? safe : forJob(job))[level](rest, message)
        }
        worker.on(event, listener as WorkerEvents[Event])
      }
      listen('started', (job) => ({ job, message: 'job started' }))
      listen('completed', (job, { took }) => ({ job, took, message: 'job completed' }))
      // Of the error, what is stored: the thrown one may hold what the definition calls secret.
      listen('failed', (job, { described, retryIn, took }) => ({
        job,
        err: described,
        retryIn,
        took,
        message: 'attempt failed',
      }))
      listen('dead', (job, { described }) => ({ job, err: described, message: 'job is dead' }))
      listen('cancelled', (job) => ({ job, message: 'job cancelled' }))
      listen('snoozed', (job, { delay }) => ({ job, delay, message: 'job snoozed' }))
      listen('released', (job, { reason }) => ({ job, reason, message: 'job released' }))
      listen('lost', (job) => ({ job, message: 'lease lost' }))
      listen('unknown', (job) => ({ job, message: 'no handler for job' }))
      listen('abandoned', (job, { reason }) => ({ job, err: reason, message: 'handler ignored its signal' }))
      listen('progress', (job, value) => ({ job, progress: value, message: 'job progress' }))
      listen('log', (job, message) => ({ job, message }))
      listen('blocked', ({ ms, jobs }) => ({ ms, jobs, message: 'event loop blocked' }))
      listen('idle', () => ({ message: 'idle' }))
      listen('error', (error) => ({ err: error, message: 'worker error' }))
    },
  }
}

interface Line extends Record<string, unknown> {
  readonly job?: JobInfo
  readonly message: string
}

function redacted(logger: Logger, redact: (value: unknown) => unknown): Logger {
  const at =
    (level: Level) =>
    (facts: object, message?: string): void =>
      logger[level](redact(facts) as object, message === undefined ? undefined : withoutCredentials(message))
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (facts) => redacted(logger.child(redact(facts) as Record<string, unknown>), redact),
  }
}
