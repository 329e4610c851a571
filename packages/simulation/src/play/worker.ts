import { createWorker, fixed, type FinalState, type JobInfo, type Worker } from '@jobport/core'
import type { Backend } from '@jobport/core/adapter'
import { createNotificationWorker, type Notification } from '@jobport/core/notify'
import type { WorkerPlan } from '../scenario/scenario.ts'
import { pass, type Cast } from './cast.ts'
import { handlersOf } from './handlers.ts'

/** Begins work in a process. */
export function playWorker(cast: Cast, plan: WorkerPlan, backend: Backend): Worker {
  const { process, history, scenario, chance, newId } = cast
  const { name: by } = process
  const options = {
    concurrency: plan.concurrency,
    lease: scenario.lease,
    maxCrashes: scenario.maxCrashes,
    abortGrace: plan.abortGrace,
    blockedAfter: 3_600_000,
    ...(plan.claimAhead !== undefined && { claimAhead: plan.claimAhead }),
    ...(plan.rateLimit !== undefined && { rateLimit: plan.rateLimit }),
    runtime: { clock: process.clock, random: chance.next, newId },
  }
  history.add({ type: 'spawn', by, role: plan.role, concurrency: plan.concurrency })
  const worker =
    plan.role === 'notifier'
      ? createNotificationWorker(backend, deliveries(cast), {
          ...options,
          keep: '2h',
          retry: { retries: 30, backoff: fixed(100) },
        })
      : createWorker(backend, handlersOf(cast, plan.lacks), { ...options, queues: plan.queues })
  for (const event of ['completed', 'dead', 'cancelled', 'lost', 'abandoned', 'released'] as const) {
    worker.on(event, (...[{ id, attempt }]: readonly [JobInfo, ...unknown[]]) => {
      if (process.alive) history.add({ type: 'told', by, event, id, attempt })
    })
  }
  worker.on('error', (error) => {
    if (process.alive)
      history.add({ type: 'error', by, message: error instanceof Error ? error.message : String(error) })
  })
  void worker.start()
  return worker
}

function deliveries({
  process,
  history,
  scenario,
  chance,
}: Cast): (
  notification: Notification,
  context: { readonly job: { readonly id: string; readonly attempt: number } },
) => Promise<void> {
  const { name: by } = process
  let calls = 0
  return async (notification, { job: { id, attempt } }) => {
    const call = ++calls
    if (process.alive) history.add({ type: 'start', by, id, attempt, call, does: 'deliver' })
    if (chance.is(0.5)) await pass(process, chance.between(1, 30))
    const fails = chance.is(scenario.deliveriesFail)
    if (process.alive) {
      if (!fails)
        history.add({
          type: 'deliver',
          by,
          notification: notification.id,
          id: notification.job.id,
          // The rules of a scenario name outcomes alone.
          state: notification.event as FinalState,
        })
      history.add({ type: 'end', by, id, attempt, call, how: fails ? 'Error' : 'returned' })
    }
    if (fails) throw new Error('planned')
  }
}
