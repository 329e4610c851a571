import type { DescribedError, JobRecord } from '@jobport/core'
import { TaskError } from '../tasks/task.ts'

export type RequestState =
  | { readonly state: 'waiting' | 'active' | 'cancelled' }
  | { readonly state: 'completed'; readonly result: unknown }
  | { readonly state: 'failed'; readonly error: string }

/** What became of a request, by the answer to its question, or else the record of its job. */
export function stateOf(
  known: { readonly answer: unknown } | undefined,
  job: Pick<JobRecord, 'state' | 'result' | 'errors'> | undefined,
): RequestState {
  if (known !== undefined) return { state: 'completed', result: known.answer }
  // Every job that is not over has a record, and one that completed has an answer. So it failed, so long ago that the record is gone.
  if (job === undefined) return { state: 'failed', error: 'the task failed; why is no longer known' }
  switch (job.state) {
    case 'scheduled':
      return { state: 'waiting' }
    case 'waiting':
    case 'active':
    case 'cancelled':
      return { state: job.state }
    case 'completed':
      // It was kept after we looked.
      return { state: 'completed', result: JSON.parse(job.result ?? 'null') }
    case 'dead':
      return { state: 'failed', error: reasonOf(job.errors.at(-1)) }
  }
}

/** What lies in the params may be told; what lies in here is for the log. */
function reasonOf(error: string | undefined): string {
  const { name, message } = JSON.parse(error ?? '{}') as Partial<DescribedError>
  return name === TaskError.name && message !== undefined ? message : 'the task failed internally'
}
