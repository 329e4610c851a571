import { defineJob, type JobDefinition } from '@jobport/core'
import { TaskError, type Task } from '../tasks/task.ts'

/** The job that computes a task, in a queue of its own. Its id is that of the request it was made for. */
export function jobOf({ name, params, answer }: Task): JobDefinition {
  return defineJob(`tasker.${name}`, {
    input: params,
    output: answer,
    queue: name,
    timeout: '30s',
    retry: { onError: (error) => (error instanceof TaskError ? 'dead' : undefined) },
    keep: {
      // The answer is kept for good, before the job is completed, so its record has nothing more to say.
      completed: '1h',
      // Why a request failed stands here alone, and clients may ask late.
      dead: '365d',
      cancelled: '365d',
    },
  })
}
