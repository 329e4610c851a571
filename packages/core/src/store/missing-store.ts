import type { Backend } from '../contract/backend.ts'
import type { ClaimedJob } from '../contract/job.ts'
import { BackendError } from '../errors/backend-error.ts'
import { isOfStore } from './message.ts'

/**
 * What is wrong where a backend without a store is given jobs that one looks after: nobody would tell the store how they end, so it would give them out
 * again.
 */
export function missingStore(
  { name, features }: Pick<Backend, 'name' | 'features'>,
  jobs: readonly ClaimedJob[],
): BackendError | undefined {
  const stored = features.state ? undefined : jobs.find(isOfStore)
  return (
    stored &&
    new BackendError(
      'unsupported',
      name,
      `jobs of queue ${stored.lease.queue} are kept in a store, which would not hear how they end; run them by a worker on withStore(broker, store), as who enqueued them did`,
    )
  )
}
