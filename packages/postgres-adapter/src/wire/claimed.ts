import type { ClaimedJob } from '@jobport/core/adapter'
import { headersOf, NO_HEADERS, type Extra } from './extra.ts'
import { prefixOf, SealedLease } from './token.ts'

/** Someone asked to cancel the job. */
export const CANCEL = 4
/** Characters of the text of a UUID. */
const KEY = 36

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

/** What a job has besides its payload and its key. Mostly neighbours have it in common, and share the object. */
interface Rest {
  /** Bytes of what few jobs have. */
  readonly extra: number
  readonly kind: number
  readonly enqueuedAt: number
}

/** Jobs in the order in which they were claimed, and most of what their parts do not have in common. */
interface Head {
  /** For each job the bytes of its payload, and the rest. */
  readonly lengths: readonly number[]
  readonly rests: readonly Rest[]
  readonly keys: string
}

export function headsOf([, , heads]: Taken): readonly Head[] {
  return heads === null ? [] : heads.split(';').map(headOf)
}

function headOf(text: string): Head {
  const [kind, enqueuedAt, described, keys] = text.split('|') as [string, string, string, string]
  const usual: Rest = { extra: 0, kind: Number(kind), enqueuedAt: Number(enqueuedAt) }
  const lengths: number[] = []
  const rests: Rest[] = []
  let known = ''
  let rest = usual
  for (const each of described.split(',')) {
    const colon = each.indexOf(':')
    if (colon === -1) {
      lengths.push(Number(each))
      rests.push(usual)
      continue
    }
    lengths.push(Number(each.slice(0, colon)))
    const own = each.slice(colon + 1)
    if (own !== known) {
      const [extra = 0, ownKind = usual.kind, ownTime = usual.enqueuedAt] = own.split(':').map(Number)
      rest = { extra, kind: ownKind, enqueuedAt: ownTime }
      known = own
    }
    rests.push(rest)
  }
  return { lengths, rests, keys }
}

/** The numbers of the kinds of claimed jobs. */
export function kindsIn(heads: readonly Head[]): Set<number> {
  const kinds = new Set<number>()
  let last: Rest | undefined
  for (const { rests } of heads) {
    for (const rest of rests) {
      if (rest === last) continue
      last = rest
      kinds.add(rest.kind)
    }
  }
  return kinds
}

/** The jobs of a claim. `nameOf`: what the number of a kind stands for. */
export function claimedJobs(
  [no, parts, , bodies, bytes]: Taken,
  heads: readonly Head[],
  queue: string,
  random: string,
  nameOf: (kind: number) => string,
): ClaimedJob[] {
  if (parts === null) return []
  const cut = cutter(bodies!, Number(bytes))
  const claimed: ClaimedJob[] = []
  const next = reader(heads)
  for (const part of parts.split(';')) {
    const [first, size, rank, attempt, failures, crashes, redrives, flags] = part.split(',').map(Number) as Numbers
    const prefix = prefixOf({ no: Number(no), attempt, random })
    const priority = 0 - rank
    for (let seq = first; seq < first + size; seq++) {
      const { head, at } = next()
      const { extra: extraBytes, kind, enqueuedAt } = head.rests[at]!
      const payload = cut(head.lengths[at]!)
      const extra: Extra | undefined = extraBytes > 0 ? JSON.parse(cut(extraBytes)) : undefined
      const id = extra?.i ?? head.keys.slice(at * KEY, (at + 1) * KEY)
      const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
        lease: new SealedLease(id, queue, prefix, seq, flags),
        name: nameOf(kind),
        payload,
        headers: extra === undefined ? NO_HEADERS : headersOf(extra),
        priority,
        attempt,
        failures,
        crashes,
        redrives,
        enqueuedAt,
      }
      if (extra?.p !== undefined) job.policy = extra.p
      if (extra?.g !== undefined) job.group = JSON.parse(extra.g)
      if ((flags & CANCEL) !== 0) job.cancelRequested = true
      claimed.push(job)
    }
  }
  return claimed
}

type Numbers = [
  first: number,
  size: number,
  rank: number,
  attempt: number,
  failures: number,
  crashes: number,
  redrives: number,
  flags: number,
]

/** Answers one job after the other. */
function reader(heads: readonly Head[]): () => { readonly head: Head; readonly at: number } {
  let index = 0
  let at = 0
  return () => {
    if (at === heads[index]!.lengths.length) {
      index++
      at = 0
    }
    return { head: heads[index]!, at: at++ }
  }
}

/** Cuts off the next bytes of a text. As long as there are only ASCII characters, one is one byte, and nothing needs to be encoded again. */
function cutter(text: string, bytes: number): (next: number) => string {
  let at = 0
  if (text.length === bytes) return (next) => text.slice(at, (at += next))
  const buffer = Buffer.from(text)
  return (next) => buffer.toString('utf8', at, (at += next))
}
