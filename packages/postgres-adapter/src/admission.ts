import type { Enqueued, NewJob } from '@jobport/core/adapter'
import { ADMISSION, LIMITS } from './limits.ts'

/** Refuses those that can never be taken, and lets the others be enqueued. */
export async function enqueueAdmitted(
  jobs: readonly NewJob[],
  enqueue: (admitted: readonly NewJob[]) => Promise<readonly Enqueued[]>,
): Promise<readonly Enqueued[]> {
  ADMISSION.checkSize('jobs', jobs.length, LIMITS.enqueueBatch)
  let refusals: Map<number, Enqueued> | undefined
  jobs.forEach((job, index) => {
    const error = ADMISSION.refuseJob(job)
    if (error !== undefined) (refusals ??= new Map()).set(index, { status: 'refused', error })
  })
  if (refusals === undefined) return jobs.length === 0 ? [] : enqueue(jobs)
  const refused: ReadonlyMap<number, Enqueued> = refusals
  const admitted = jobs.filter((_, index) => !refused.has(index))
  const answers = admitted.length === 0 ? [] : await enqueue(admitted)
  let next = 0
  return jobs.map((_, index) => refused.get(index) ?? answers[next++]!)
}
