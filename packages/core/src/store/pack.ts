import type { NewJob } from '../contract/job.ts'
import type { Limits } from '../contract/limits.ts'

/** Jobs of one message. What is lost or delayed with a message is so many at most, and so many a worker passes on that can take fewer. */
export const MOST = 100

/** Characters of one message of several jobs. SQS bills messages by 64 KiB. */
const LARGEST = 64 * 1024

/** No character of a text takes more bytes in JSON. */
const BYTES_PER_CHARACTER = 6

/** What else a job takes in a message of several. */
const PUNCTUATION = 20

export interface Packable {
  readonly job: NewJob
  readonly mark: string
}

/** Jobs that travel together. */
export interface Pack {
  readonly jobs: NewJob[]
  readonly mark: string
  /** Which of all they are. */
  readonly indexes: number[]
}

interface Open extends Pack {
  size: number
}

/**
 * Puts jobs together that may share a message: they are due now, and a broker cannot tell them apart by queue or priority. Each is in one pack, in the
 * order in which they came where that is the same for all.
 */
export function pack(items: readonly Packable[], { payloadBytes }: Limits): readonly Pack[] {
  const largest = Math.min(LARGEST, payloadBytes / BYTES_PER_CHARACTER)
  const packs: Pack[] = []
  const open = new Map<string, Open>()
  for (const [index, { job, mark }] of items.entries()) {
    const size = sizeOf(job)
    if ((job.delay ?? 0) > 0 || size > largest) {
      packs.push({ jobs: [job], mark, indexes: [index] })
      continue
    }
    const kind = `${job.queue} ${job.priority ?? 0} ${mark}`
    let into = open.get(kind)
    if (into === undefined || into.jobs.length >= MOST || into.size + size > largest) {
      into = { jobs: [], mark, indexes: [], size: 0 }
      open.set(kind, into)
      packs.push(into)
    }
    into.jobs.push(job)
    into.indexes.push(index)
    into.size += size
  }
  return packs
}

function sizeOf({ id, name, payload, headers, policy = '' }: NewJob): number {
  let size = PUNCTUATION + id.length + name.length + payload.length + policy.length
  for (const key in headers) size += key.length + headers[key]!.length + PUNCTUATION
  return size
}
