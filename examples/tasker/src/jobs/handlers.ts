import { handle, type Handler } from '@jobport/core'
import type { Answers } from '../answers/answers.ts'
import type { Task } from '../tasks/task.ts'
import { jobOf } from './definitions.ts'

/**
 * Computes an answer and keeps it. A worker that dies before that has done nothing, and the job runs again; one that dies after it leaves a job that runs
 * again and finds the answer.
 */
export function handlerOf(task: Task, answers: Answers): Handler {
  return handle(jobOf(task), async (params: object) => {
    const known = await answers.find(task, params)
    return known === undefined ? answers.keep(task, params, task.compute(params)) : known.answer
  })
}
