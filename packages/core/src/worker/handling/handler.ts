import type { Encoded, Timestamp } from '../../contract/job.ts'
import type { JobDefinition } from '../../definition/define-job.ts'
import type { JobInfo } from '../../definition/job-info.ts'
import type { NewJobOptions } from '../../definition/new-job.ts'
import { OptionError } from '../../errors/option-error.ts'

/** The job in a handler's hands. */
export interface ActiveJob<Returned = unknown> extends JobInfo {
  /**
   * Completes the job inside the caller's transaction, so that what the handler wrote there and the outcome are one commit. Give the result here,
   * and return it from the handler as well.
   * @throws LeaseLostError when this attempt no longer holds the job: let it pass, so that your transaction rolls back.
   * @throws UnsupportedError where the backend cannot join transactions.
   */
  complete(tx: unknown, ...result: unknown extends Returned ? [result?: unknown] : [result: Returned]): Promise<void>
}

/** What a handler gets besides its input. Every member may be taken out by destructuring. */
export interface HandlerContext<Returned = unknown> {
  /**
   * Aborts when the job should stop: its `timeout` is over, its lease is lost, it was cancelled, or the worker closes. The reason is a
   * `JobTimeoutError`, `LeaseLostError`, `JobCancelledError` or `ShutdownError`.
   */
  readonly signal: AbortSignal
  readonly job: ActiveJob<Returned>
  /** Stores any JSON value as the job's progress, where the backend keeps state. The newest wins. */
  readonly progress: (value: unknown) => void
  /** Appends a line to the job's log, where the backend keeps state. */
  readonly log: (message: string) => void
  /** Adds a job that is stored in the same write as this job's completion, and only then. */
  readonly followUp: <Input>(definition: JobDefinition<Input>, input: Input, options?: NewJobOptions) => void
}

/** A definition with the function that does its work. Made by `handle` and `handleMany`. */
export type Handler = OneHandler | ManyHandler

export interface OneHandler {
  readonly kind: 'one'
  readonly definition: JobDefinition
  readonly run: (input: any, context: HandlerContext<any>) => unknown
}

export interface ManyHandler {
  readonly kind: 'many'
  readonly definition: JobDefinition
  readonly size: number
  readonly run: (jobs: readonly BatchJob<any, any>[], context: { readonly signal: AbortSignal }) => unknown
}

/** One job of a batch. */
export interface BatchJob<Parsed, Returned = unknown> extends HandlerContext<Returned> {
  readonly input: Parsed
}

/** Says how jobs of a definition are done. A handler may return at once or a promise; what it throws fails the attempt. */
export function handle<Parsed, Returned>(
  definition: JobDefinition<any, Parsed, Returned>,
  run: (input: Parsed, context: HandlerContext<Returned>) => NoInfer<Returned> | Promise<NoInfer<Returned>>,
): OneHandler {
  return { kind: 'one', definition, run }
}

/**
 * Says how many jobs of a definition are done in one go. It gets what is there, up to `size` (default 100), as soon as a slot is free; it does not wait for more.
 * Return an array with an entry for each job: its result, or an `Error` that fails that job alone. Returning nothing completes them all; throwing fails them all.
 */
export function handleMany<Parsed, Returned>(
  definition: JobDefinition<any, Parsed, Returned>,
  run: (
    jobs: readonly BatchJob<Parsed, Returned>[],
    context: { readonly signal: AbortSignal },
  ) => readonly (NoInfer<Returned> | Error)[] | void | Promise<readonly (NoInfer<Returned> | Error)[] | void>,
  options: { readonly size?: number } = {},
): ManyHandler {
  const size = options.size ?? 100
  if (!Number.isInteger(size) || size < 1)
    throw new OptionError('size', `${size} is not a number of jobs; give an integer from 1 up`)
  return { kind: 'many', definition, size, run }
}

/** The newest line of a job's log, as it is stored. */
export interface LogLine {
  readonly at: Timestamp
  readonly message: string
}

export function encodeLogLine(line: LogLine): Encoded {
  return JSON.stringify(line)
}
