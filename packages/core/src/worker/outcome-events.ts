import type { BackendFailure } from '../contract/failure.ts'
import type { Ms } from '../contract/job.ts'
import type { Settled } from '../contract/settlement.ts'
import type { Attempted } from '../retry/decide.ts'
import type { Ended } from './intake/courier.ts'
import type { Emitter } from './emitter.ts'
import type { Run } from './run.ts'

/** Tells listeners what became of a job, once it is stored. */
export function tellOutcome(
  emitter: Emitter,
  { run, settlement, attempted }: Ended,
  reply: Exclude<Settled, BackendFailure>,
): void {
  if (reply === 'lost') {
    emitter.tell('lost', run.info)
    return
  }
  switch (settlement.to) {
    case 'completed':
      if (emitter.listenerCount('completed') > 0) emitter.tell('completed', run.info)
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
  const { error } = attempted
  emitter.tell('failed', run.info, { error, retryIn })
  if (retryIn === undefined) emitter.tell('dead', run.info, { error })
}

function tellReturn(emitter: Emitter, run: Run, { delay, reason }: Extract<Attempted, { kind: 'returned' }>): void {
  if (reason === 'snoozed') emitter.tell('snoozed', run.info, { delay })
  else emitter.tell('released', run.info, { reason })
}
