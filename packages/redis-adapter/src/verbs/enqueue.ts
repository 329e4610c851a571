import { BackendError, type Enqueued, type NewJob } from '@jobport/core/adapter'
import { packId, unpackId } from '../codec/id.ts'
import { isPlain, pushJob } from '../codec/text.ts'
import { ADMISSION, LIMITS, NAME } from '../limits.ts'
import type { QueueKeys } from '../keys.ts'
import type { Live } from '../live.ts'
import type { Session } from '../session.ts'
import { areSimple, byQueue, isId, pushBatch, pushPlain } from './storing.ts'

const ENQUEUED: Enqueued = Object.freeze({ status: 'enqueued' })
/** Characters in one call. A call is copied several times on its way; a larger batch goes in several calls. */
const MOST_TEXT = 8 * 1024 * 1024
/** Jobs that are stored by one run of a script. The server takes about as long for them as the client for the next. */
const PIECE = 250

/** Place and holder of each job that was not stored. Places begin with 1. */
export type Exceptions = readonly (number | string)[]

export function enqueue(live: Live, jobs: readonly NewJob[]): Promise<readonly Enqueued[]> {
  if (jobs.length === 1 && live.handsOver && isPlain(jobs[0]!)) return enqueueOne(live, jobs[0]!)
  return storeInQueues(live, jobs, (keys, batch) => {
    if (areSimple(batch)) return storePlain(live, keys, batch)
    const args: (string | number)[] = [live.connection.clustered]
    pushBatch(args, batch)
    return live.connection.run(live.scripts.enqueue, keys.storing, args) as Promise<Exceptions>
  })
}

/** Stores plain jobs: many in pieces, so that the server works on one while the next is written. */
async function storePlain(live: Live, keys: QueueKeys, jobs: readonly NewJob[]): Promise<Exceptions> {
  if (jobs.length < 2 * PIECE) return (await storePiece(live, keys, jobs, 0, ''))!
  const starts = Array.from({ length: Math.floor(jobs.length / PIECE) }, (_, piece) => piece * PIECE)
  const ends = [...starts.slice(1), jobs.length]
  const pieces = starts.map((start, piece) => jobs.slice(start, ends[piece]))
  const replies = await Promise.all(
    pieces.map((piece, at) => {
      const predecessor = at === 0 ? '' : packId(pieces[at - 1]!.at(-1)!.id)
      return storePiece(live, keys, piece, starts[at]!, predecessor)
    }),
  )
  const exceptions: (number | string)[] = []
  for (let at = 0; at < pieces.length; at++) {
    // It came too early. All before it are stored now.
    const reply = replies[at] ?? (await storePiece(live, keys, pieces[at]!, starts[at]!, ''))!
    exceptions.push(...reply)
  }
  return exceptions
}

/** Stores plain jobs behind `predecessor`; `undefined` if that is not there. `offset`: the place of the first in its batch. */
async function storePiece(
  live: Live,
  { storingPlain }: QueueKeys,
  jobs: readonly NewJob[],
  offset: number,
  predecessor: string,
): Promise<Exceptions | undefined> {
  const args: (string | number)[] = [live.connection.clustered, predecessor]
  pushPlain(args, jobs, offset)
  const reply = (await live.connection.run(live.scripts.enqueuePlain, storingPlain, args)) as Exceptions | null
  if (reply === null) return undefined
  return offset === 0 ? reply : reply.map((item) => (typeof item === 'number' ? item + offset : item))
}

/** Stores new jobs by a call for each queue, and more where they are large. */
export async function storeInQueues(
  live: Session,
  jobs: readonly NewJob[],
  store: (keys: QueueKeys, batch: readonly NewJob[]) => Promise<Exceptions>,
): Promise<readonly Enqueued[]> {
  const answers: Enqueued[] = Array.from({ length: jobs.length }, () => ENQUEUED)
  const taken: number[] = []
  for (let index = 0; index < jobs.length; index++) {
    const error = refusal(jobs[index]!)
    if (error === undefined) taken.push(index)
    else answers[index] = { status: 'refused', error }
  }
  const storeSlice = async (queue: string, slice: readonly number[]): Promise<void> => {
    const keys = live.keys.of(queue)
    const noting = live.registry.note(keys)
    if (noting !== undefined) await noting
    const batch = slice.map((place) => jobs[place]!)
    const exceptions = await store(keys, batch)
    for (let at = 0; at < exceptions.length; at += 2) {
      const of = unpackId(exceptions[at + 1] as string)
      answers[slice[(exceptions[at] as number) - 1]!] = { status: 'duplicate', of }
    }
  }
  const queues = byQueue(jobs)
  await Promise.all(
    [...queues].map(async ([queue, indexes]) => {
      const places = taken.length === jobs.length ? indexes : indexes.filter((index) => answers[index] === ENQUEUED)
      for (const slice of slices(jobs, places)) await storeSlice(queue, slice)
    }),
  )
  return answers
}

/** What lua/enqueue-one.lua answers: stored, known already, or handed to a claim of this instance. */
type OneReply = readonly [] | readonly [1, holder: string] | readonly [0, offer: string, stamp: string]

/** The shortest way, for a plain job that comes alone: it may go to a claim that waits, with the news. */
async function enqueueOne(live: Live, job: NewJob): Promise<readonly Enqueued[]> {
  const error = refusal(job)
  if (error !== undefined) return [{ status: 'refused', error }]
  const keys = live.keys.of(job.queue)
  const noting = live.registry.note(keys)
  if (noting !== undefined) await noting
  const args: string[] = []
  pushJob(args, job, 0, true)
  const [id, text] = args as [string, string]
  args.push(live.listensOn)
  const [verdict, name, stamp] = (await live.connection.run(live.scripts.enqueueOne, keys.storingOne, args)) as OneReply
  if (verdict === 1) return [{ status: 'duplicate', of: unpackId(name) }]
  if (verdict === 0) live.hand(job.queue, name, id, stamp + text)
  return [ENQUEUED]
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
