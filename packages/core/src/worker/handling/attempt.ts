import { checkSize } from '../../definition/new-job.ts'
import type { Backend } from '../../contract/backend.ts'
import type { Encoded } from '../../contract/job.ts'
import { encodeValue } from '../../definition/value.ts'
import { encodeError } from '../../encoding/described-error.ts'
import { JobCancelledError, JobTimeoutError, LeaseLostError, ShutdownError } from '../../errors/job-error.ts'
import { isA, Snooze, Unrecoverable } from '../../retry/control.ts'
import type { Attempted } from '../../retry/decide.ts'
import type { Run } from '../run.ts'

const COMPLETED: Attempted = { kind: 'completed' }

/** How an attempt ended whose handler returned. Synchronous where the output schema is. */
export function returned(backend: Backend, run: Run, value: unknown): Attempted | Promise<Attempted> {
  if (run.aborted instanceof JobTimeoutError) return failed(run.aborted)
  const { definition } = run.handler
  if (definition.output === undefined) return COMPLETED
  try {
    const encoded = encodeValue(definition, 'output', value)
    return encoded instanceof Promise ? withLateResult(backend, run, encoded) : withResult(backend, run, encoded)
  } catch (error) {
    return failed(error)
  }
}

/** How an attempt ended whose handler threw. */
export function threw(run: Run, error: unknown): Attempted {
  if (run.aborted instanceof JobTimeoutError) return failed(run.aborted)
  if (run.aborted instanceof JobCancelledError) return { kind: 'cancelled' }
  if (run.aborted instanceof ShutdownError) return { kind: 'returned', delay: 0, reason: 'closing' }
  // No fault of the job. It counts only if nobody else has claimed it meanwhile.
  if (run.aborted instanceof LeaseLostError) return { kind: 'returned', delay: 0, reason: 'lost' }
  if (isA(error, Snooze)) return { kind: 'returned', delay: error.delay, reason: 'snoozed' }
  return failed(error)
}

/** How an attempt ended whose handler ignored its signal. */
export function abandoned(run: Run): Attempted {
  return threw(run, run.aborted)
}

export function failed(error: unknown): Attempted {
  return { kind: 'failed', error, encoded: encodeError(error) }
}

export function hopeless(error: unknown): Attempted {
  return { kind: 'hopeless', error, encoded: encodeError(error) }
}

async function withLateResult(backend: Backend, run: Run, result: Promise<Encoded>): Promise<Attempted> {
  try {
    return withResult(backend, run, await result)
  } catch (error) {
    return failed(error)
  }
}

/** The result goes along even where it is not stored: what follows is made from it. */
function withResult(backend: Backend, run: Run, result: Encoded): Attempted {
  try {
    if (backend.features.results) checkSize(backend, result, `the output of job ${run.handler.definition.name}`)
  } catch (error) {
    return failed(new Unrecoverable((error as Error).message, { cause: error }))
  }
  return { kind: 'completed', result }
}
