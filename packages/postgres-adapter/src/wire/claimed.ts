import type { ClaimedJob } from '@jobport/core/adapter'
import { headersOf, NO_HEADERS, type Extra } from './extra.ts'
import { prefixOf, SealedLease } from './token.ts'

/** Someone asked to cancel the job. */
export const CANCEL = 4

/** What `take` answers, in the order of its columns. */
export type Taken = readonly [
  no: string | null,
  parts: string | null,
  heads: string | null,
  bodies: string | null,
  /** Of the bodies. */
  bytes: string | null,
  runs: string,
  nextEvent: string | null,
  swept: string,
  moment: string,
]

/** The jobs of a claim. `nameOf`: what the number of a kind stands for; `undefined` when it is not known yet. */
export function claimedJobs(
  [no, parts, heads, bodies, bytes]: Taken,
  queue: string,
  random: string,
  nameOf: (kind: number) => string,
): ClaimedJob[] {
  if (parts === null) return []
  const lines = heads!.split(';')
  const cut = cutter(bodies!, Number(bytes))
  const claimed: ClaimedJob[] = []
  let at = 0
  for (const part of parts.split(';')) {
    const [size, attempt, failures, crashes, redrives, flags] = part.split(',').map(Number) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ]
    const prefix = prefixOf({ no: Number(no), attempt, random })
    for (const end = at + size; at < end; at++) {
      const [seq, key, kind, enqueuedAt, rank, length, extraLength] = lines[at]!.split(',') as [
        string,
        string,
        string,
        string,
        string,
        string,
        string?,
      ]
      const payload = cut(Number(length))
      const extra: Extra | undefined = extraLength === undefined ? undefined : JSON.parse(cut(Number(extraLength)))
      const id = extra?.i ?? key
      const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
        lease: new SealedLease(id, queue, prefix, Number(seq), flags),
        name: nameOf(Number(kind)),
        payload,
        headers: extra === undefined ? NO_HEADERS : headersOf(extra),
        priority: 0 - Number(rank),
        attempt,
        failures,
        crashes,
        redrives,
        enqueuedAt: Number(enqueuedAt),
      }
      if (extra?.p !== undefined) job.policy = extra.p
      if (extra?.g !== undefined) job.group = JSON.parse(extra.g)
      if ((flags & CANCEL) !== 0) job.cancelRequested = true
      claimed.push(job)
    }
  }
  return claimed
}

/** Cuts off the next bytes of a text. As long as there are only ASCII characters, one is one byte, and nothing needs to be encoded again. */
function cutter(text: string, bytes: number): (next: number) => string {
  let at = 0
  if (text.length === bytes) return (next) => text.slice(at, (at += next))
  const buffer = Buffer.from(text)
  return (next) => buffer.toString('utf8', at, (at += next))
}
