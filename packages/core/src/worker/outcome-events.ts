import type { BackendFailure } from '../contract/failure.ts'
import type { Ms } from '../contract/job.ts'
import type { Settled } from '../contract/settlement.ts'
import type { DescribedError } from '../encoding/described-error.ts'
import type { Attempted } from '../retry/decide.ts'
import type { Ended } from './intake/courier.ts'
import type { Emitter } from './emitter.ts'
import type { Instrumentation } from './instrumentation.ts'
import type { Run } from './run.ts'

/** Tells listeners what became of a job, once it is stored. */
export function tellOutcome(
  emitter: Emitter,
  { run, settlement, attempted }: Ended,
  reply: Exclude<Settled, BackendFailure>,
  instrumentation: Instrumentation | undefined,
): void {
  if (reply === 'lost') {
    emitter.tell('lost', run.info)
    return
  }
  switch (settlement.to) {
    case 'completed':
      instrumentation?.completed?.(run.claimed.lease.queue, run.claimed.name, run.took ?? 0)
      if (emitter.listenerCount('completed') > 0) emitter.tell('completed', run.info, { took: run.took ?? 0 })
      return
    case 'cancelled':
      emitter.tell('cancelled', run.info)
      return
    case 'dead':
      tellFailure(emitter, run, attempted, undefined)
      return
    case 'waiting':
      if (attempted.kind === 'returned') tellReturn(emitter, run, attempted)
      else tellFailure(emitter, run, attempted, settlement.delay)
  }
}

function tellFailure(emitter: Emitter, run: Run, attempted: Attempted, retryIn: Ms | undefined): void {
  if (attempted.kind !== 'failed' && attempted.kind !== 'hopeless') return
  const failure = {
    error: attempted.error,
    described: JSON.parse(attempted.encoded) as DescribedError,
    took: run.took,
  }
  emitter.tell('failed', run.info, { ...failure, retryIn })
  if (retryIn === undefined) emitter.tell('dead', run.info, failure)
}

function tellReturn(emitter: Emitter, run: Run, { delay, reason }: Extract<Attempted, { kind: 'returned' }>): void {
  if (reason === 'snoozed') emitter.tell('snoozed', run.info, { delay })
  else emitter.tell('released', run.info, { reason })
}
