import { Batcher } from '../../batch/batcher.ts'
import type { Backend } from '../../contract/backend.ts'
import type { Report, Settled } from '../../contract/settlement.ts'
import type { JobDefinition } from '../../definition/define-job.ts'
import { checkSize, type NewJobOptions } from '../../definition/new-job.ts'
import { encodeValue } from '../../definition/value.ts'
import { encode, NotJson } from '../../encoding/json.ts'
import { isBackendFailure } from '../../errors/backend-error.ts'
import { LeaseLostError } from '../../errors/job-error.ts'
import { UnsupportedError } from '../../errors/option-error.ts'
import { InvalidValueError } from '../../errors/schema-error.ts'
import type { Attempted } from '../../retry/decide.ts'
import type { Clock } from '../../time/clock.ts'
import type { Conclusions } from './conclusion.ts'
import type { ContextActions } from './context.ts'
import type { Emitter } from '../emitter.ts'
import { encodeLogLine } from './handler.ts'
import type { Run } from '../run.ts'

const LONGEST_LOG_LINE = 8 * 1024

/** What handlers can ask for through their context. */
export class Actions implements ContextActions {
  readonly #backend: Backend
  readonly #conclusions: Conclusions
  readonly #emitter: Emitter
  readonly #clock: Clock
  readonly #reports: Batcher<Report, Settled> | undefined

  constructor(backend: Backend, conclusions: Conclusions, emitter: Emitter, clock: Clock) {
    this.#backend = backend
    this.#conclusions = conclusions
    this.#emitter = emitter
    this.#clock = clock
    const { report } = backend
    if (report !== undefined) {
      this.#reports = new Batcher({
        max: backend.limits.settleBatch,
        inFlight: 1,
        send: (reports) => report.call(backend, reports),
      })
    }
  }

  /** Puts on record that a handler is about to be called; where nothing can be put on record, that is as good. */
  async begun(run: Run): Promise<Settled> {
    return this.#reports === undefined ? 'applied' : this.#reports.ask({ lease: run.claimed.lease, begun: true })
  }

  progress(run: Run, value: unknown): void {
    let progress: string
    try {
      progress = encode(value)
    } catch (error) {
      throw error instanceof NotJson ? new InvalidValueError('progress', run.claimed.name, [error.issue]) : error
    }
    checkSize(this.#backend, progress, `the progress of job ${run.claimed.name}`)
    if (this.#emitter.listenerCount('progress') > 0) this.#emitter.tell('progress', run.info, value)
    this.#report({ lease: run.claimed.lease, progress })
  }

  log(run: Run, message: string): void {
    const line = message.slice(0, LONGEST_LOG_LINE)
    if (this.#emitter.listenerCount('log') > 0) this.#emitter.tell('log', run.info, line)
    this.#report({ lease: run.claimed.lease, logs: [encodeLogLine({ at: this.#clock.date(), message: line })] })
  }

  followUp(run: Run, definition: JobDefinition, input: unknown, options: NewJobOptions | undefined): void {
    run.followUps ??= []
    const job = this.#conclusions.followUp(run, definition, input, options, run.followUps.length)
    job.catch(() => {}) // awaited, and its failure met, when the handler has returned
    run.followUps.push(job)
  }

  async complete(run: Run, tx: unknown, result: unknown): Promise<void> {
    const { name, within } = this.#backend
    const { definition } = run.handler
    const { lease, attempt } = run.claimed
    if (within === undefined) {
      throw new UnsupportedError(name, 'transactions', 'Use Postgres or SQLite, or return the result from the handler.')
    }
    const text = definition.output === undefined ? undefined : await encodeValue(definition, 'output', result)
    const attempted: Attempted = text === undefined ? { kind: 'completed' } : { kind: 'completed', result: text }
    const conclusion = await this.#conclusions.of(run, attempted)
    const { settlement } = conclusion
    if (settlement.to !== 'completed') {
      throw conclusion.attempted.kind === 'failed' ? conclusion.attempted.error : new LeaseLostError(lease.id, attempt)
    }
    const [reply] = await within.call(this.#backend, tx).settle([settlement])
    if (isBackendFailure(reply)) throw reply
    if (reply !== 'applied') throw new LeaseLostError(lease.id, attempt)
    run.completion = settlement
  }

  #report(report: Report): void {
    this.#reports?.ask(report).catch((error: unknown) => this.#emitter.tell('error', error))
  }
}
