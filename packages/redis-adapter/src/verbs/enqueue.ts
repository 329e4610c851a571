import { BackendError, type Enqueued, type NewJob } from '@jobport/core/adapter'
import { unpackId } from '../codec/id.ts'
import { isPlain, pushJob } from '../codec/text.ts'
import { ADMISSION, LIMITS, NAME } from '../limits.ts'
import type { Live } from '../live.ts'
import { areSimple, byQueue, isId, pushBatch, pushPlain } from './storing.ts'

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })
/** Characters in one call. A call is copied several times on its way; a larger batch goes in several calls. */
const MOST_TEXT = 8 * 1024 * 1024

export async function enqueue(live: Live, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
  if (jobs.length === 1 && live.handsOver && isPlain(jobs[0]!)) return [await enqueueOne(live, jobs[0]!)]
  const answers: Enqueued[] = Array.from({ length: jobs.length }, () => ENQUEUED)
  const taken: number[] = []
  for (let index = 0; index < jobs.length; index++) {
    const error = refusal(jobs[index]!)
    if (error === undefined) taken.push(index)
    else answers[index] = { status: 'refused', error }
  }
  const queues = byQueue(jobs)
  await Promise.all(
    [...queues].map(async ([queue, indexes]) => {
      const places = taken.length === jobs.length ? indexes : indexes.filter((index) => answers[index] === ENQUEUED)
      for (const slice of slices(jobs, places)) await storeSlice(live, queue, jobs, slice, answers)
    }),
  )
  return answers
}

/** The shortest way, for a plain job that comes alone: it may go to a claim that waits, with the news. */
async function enqueueOne(live: Live, job: NewJob): Promise<Enqueued> {
  const error = refusal(job)
  if (error !== undefined) return { status: 'refused', error }
  const keys = live.keys.of(job.queue)
  const noting = live.registry.note(keys)
  if (noting !== undefined) await noting
  const args: (string | number)[] = []
  pushJob(args, job, 0, true)
  const [, of] = (await live.connection.run(live.scripts.enqueueOne, keys.storingOne, args)) as [] | [number, string]
  return of === undefined ? ENQUEUED : { status: 'duplicate', of: unpackId(of) }
}

async function storeSlice(
  live: Live,
  queue: string,
  jobs: readonly NewJob[],
  places: readonly number[],
  answers: Enqueued[],
): Promise<void> {
  const keys = live.keys.of(queue)
  const noting = live.registry.note(keys)
  if (noting !== undefined) await noting
  const batch = places.map((place) => jobs[place]!)
  const plain = areSimple(batch)
  const args: (string | number)[] = [live.connection.clustered]
  if (plain) pushPlain(args, batch)
  else pushBatch(args, batch)
  const { enqueuePlain, enqueue: enqueueAny } = live.scripts
  const reply = plain
    ? await live.connection.run(enqueuePlain, keys.storingPlain, args)
    : await live.connection.run(enqueueAny, keys.storing, args)
  const exceptions = reply as readonly (number | string)[]
  for (let at = 0; at < exceptions.length; at += 2) {
    answers[places[(exceptions[at] as number) - 1]!] = {
      status: 'duplicate',
      of: unpackId(exceptions[at + 1] as string),
    }
  }
}

/** Why a job can never be taken. */
function refusal(job: NewJob): BackendError | undefined {
  if (isId(job.id)) return ADMISSION.refuseJob(job)
  return new BackendError(
    'invalid',
    NAME,
    `${JSON.stringify(job.id)} is no job id; use 1 to 128 of A-Z a-z 0-9 . _ : -`,
  )
}

function* slices(jobs: readonly NewJob[], places: readonly number[]): Generator<readonly number[]> {
  let start = 0
  let size = 0
  for (let at = 0; at < places.length; at++) {
    const length = jobs[places[at]!]!.payload.length
    // A call can number so many jobs; what is relayed in a cluster may be more.
    if ((size > 0 && size + length > MOST_TEXT) || at - start === LIMITS.enqueueBatch) {
      yield places.slice(start, at)
      start = at
      size = 0
    }
    size += length
  }
  if (start < places.length) yield start === 0 ? places : places.slice(start)
}
