import type { BackendError, Enqueued, NewJob } from '@jobport/core/adapter'
import type { Addressed, Sending } from './sending.ts'

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })

/**
 * Sends jobs, and answers for each.
 * @throws BackendError when none of them was sent, for one and the same reason.
 */
export async function enqueue(sending: Sending, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
  const made = jobs.map((job) => sending.job(job))
  const messages = made.filter((each): each is Addressed => !(each instanceof Error))
  const answers = messages.length === 0 ? [] : await sending.send(messages)
  const common = answers[0]
  if (common !== undefined && answers.every((answer) => answer === common)) throw common
  let next = 0
  return made.map((each): Enqueued => {
    const error: BackendError | undefined = each instanceof Error ? each : answers[next++]
    return error === undefined ? ENQUEUED : { status: 'refused', error }
  })
}
