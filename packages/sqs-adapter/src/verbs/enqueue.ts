import type { Enqueued, NewJob } from '@jobport/core/adapter'
import { BackendError, isBackendFailure, type Admission } from '@jobport/core/adapter'
import { NAME, REQUEST_BYTES, seconds } from '../limits.ts'
import type { Live } from '../live.ts'
import type { Parcel } from '../message/moved.ts'
import { bytesOf, seal, type Envelope } from '../message/envelope.ts'
import { blobKey, groupId, repeatId } from '../queue/names.ts'
import { send } from './send.ts'

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })

/** Answers by index. */
export async function enqueue(live: Live, admission: Admission, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
  const answers: Enqueued[] = jobs.map(() => ENQUEUED)
  const refuse = (index: number, error: BackendError): void => {
    answers[index] = { status: 'refused', error }
  }
  const taken = new Map<string, number[]>()
  for (let index = 0; index < jobs.length; index++) {
    const job = jobs[index]!
    const refused = admission.refuseJob(job)
    const indices = taken.get(job.queue)
    if (refused !== undefined) refuse(index, refused)
    else if (indices === undefined) taken.set(job.queue, [index])
    else indices.push(index)
  }
  await Promise.all(
    Array.from(taken, async ([queue, indices]) => {
      try {
        const { url } = await live.queues.find(queue)
        const packed = await Promise.all(indices.map(async (index) => pack(live, jobs[index]!, index)))
        const parcels = packed.filter((parcel, at) => {
          if (parcel instanceof BackendError) refuse(indices[at]!, parcel)
          return !(parcel instanceof BackendError)
        }) as readonly Parcel[]
        await send(live, url, parcels, (index, answer) => {
          if (answer === 'sent') return
          if (answer.code === 'not-found') live.queues.forget(queue)
          refuse(index, answer)
        })
      } catch (error) {
        if (!isBackendFailure(error)) throw error
        for (const index of indices) refuse(index, error as BackendError)
      }
    }),
  )
  // Nothing was taken for a reason that may pass: the call as a whole may be repeated.
  const [first] = answers
  if (
    first?.status === 'refused' &&
    first.error.retryable &&
    answers.every((answer) => answer.status === 'refused' && answer.error.retryable)
  )
    throw first.error
  return answers
}

/** A promise only where the payload goes to the blob store. */
function pack(live: Live, job: NewJob, index: number): Parcel | BackendError | Promise<Parcel | BackendError> {
  const parcel = parcelOf(live, job, index, seal(job))
  if (parcel.bytes <= REQUEST_BYTES) return parcel
  if (live.settings.blobs !== undefined) return checkIn(live, job, index)
  return new BackendError(
    'too-large',
    NAME,
    `job ${job.id} makes a message of ${parcel.bytes} bytes; SQS takes ${REQUEST_BYTES}, so give \`blobs\` a store for such payloads`,
  )
}

/** Leaves the payload with the store. */
async function checkIn(live: Live, job: NewJob, index: number): Promise<Parcel | BackendError> {
  const key = blobKey(job.queue, job.id)
  try {
    await live.settings.blobs!.put(key, job.payload)
  } catch (error) {
    const problem = `the blob store did not take the payload of job ${job.id}: ${String(error)}`
    return new BackendError('unavailable', NAME, problem, { cause: error, outcome: 'none' })
  }
  return parcelOf(live, job, index, seal(job, key))
}

function parcelOf(live: Live, job: NewJob, index: number, envelope: Envelope): Parcel {
  const { fifo } = live.settings
  const { body, attributes } = envelope
  return {
    index,
    bytes: bytesOf(envelope),
    entry: {
      MessageBody: body,
      ...(attributes !== undefined && { MessageAttributes: attributes }),
      ...(job.delay !== undefined && job.delay > 0 && { DelaySeconds: seconds(job.delay) }),
      ...(fifo && { MessageGroupId: groupId(job.group, job.id), MessageDeduplicationId: repeatId(job.id, job.resent) }),
    },
  }
}
