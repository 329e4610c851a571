import type { Mover, Stateful } from '../contract/backend.ts'
import type { JobId } from '../contract/job.ts'
import type { Cancellation } from '../contract/operator.ts'
import type { JobDefinition } from '../definition/define-job.ts'
import { recordInfo } from '../definition/job-info.ts'
import { notificationsFor } from '../notify/notification.ts'
import type { NotifyRule } from '../notify/rule.ts'
import { policyOf } from '../retry/policy.ts'

/** Cancels a job. The notifications of the definition, and of the queue's own rules, are part of the same write when it is cancelled here; a running job's worker sends its own. */
export async function cancelJob(
  { inspect, operate, limits }: Mover & Stateful,
  definition: JobDefinition,
  id: JobId,
  rules: readonly NotifyRule[],
): Promise<Cancellation> {
  const [record] = await inspect.find([id])
  if (record === undefined) return 'not-found'
  const then = notificationsFor(
    recordInfo(record),
    { state: 'cancelled' },
    {
      rules: [...definition.notify, ...rules],
      limits,
      payload: record.payload,
      onError: (error) => console.error('jobport queue: a rule of notify threw', error),
    },
  )
  const { keep } = policyOf(definition.policy, record.policy)
  const [answer] = await operate.cancel([{ id, keep: keep.cancelled, ...(then.length > 0 && { then }) }])
  return answer!
}
