import { keepShape, type ClaimedJob } from '@jobport/core/adapter'
import { headersOf, NO_HEADERS, type Extra } from './extra.ts'
import { Seal } from './token.ts'

/** Someone asked to cancel the job. */
export const CANCEL = 4
/** Characters of the text of a UUID. */
const KEY = 36

const ZERO = '0'.charCodeAt(0)
const NINE = '9'.charCodeAt(0)
const COLON = ':'.charCodeAt(0)

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
  for (let at = 0; at < described.length;) {
    let length = 0
    let code = described.charCodeAt(at)
    for (; code >= ZERO && code <= NINE; code = described.charCodeAt(++at)) length = 10 * length + code - ZERO
    lengths.push(length)
    if (code === COLON) {
      const comma = described.indexOf(',', at)
      const end = comma < 0 ? described.length : comma
      const own = described.slice(at + 1, end)
      if (own !== known) {
        const [extra = 0, ownKind = usual.kind, ownTime = usual.enqueuedAt] = own.split(':').map(Number)
        rest = { extra, kind: ownKind, enqueuedAt: ownTime }
        known = own
      }
      rests.push(rest)
      at = end
    } else rests.push(usual)
    at++
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
  const cursor = new Cursor(heads)
  for (const part of parts.split(';')) {
    const [first, size, rank, attempt, failures, crashes, redrives, flags] = part.split(',').map(Number) as Numbers
    const seal = new Seal(queue, { no: Number(no), attempt, random }, flags)
    const priority = 0 - rank
    for (let seq = first; seq < first + size; seq++) {
      cursor.next()
      const { head, at } = cursor
      const { extra: extraBytes, kind, enqueuedAt } = head.rests[at]!
      const payload = cut(head.lengths[at]!)
      const extra: Extra | undefined = extraBytes > 0 ? JSON.parse(cut(extraBytes)) : undefined
      const id = extra?.i ?? head.keys.slice(at * KEY, (at + 1) * KEY)
      const job: { -readonly [K in keyof ClaimedJob]: ClaimedJob[K] } = {
        lease: seal.lease(id, seq),
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

/** Goes from job to job through several heads. */
class Cursor {
  head: Head
  at = -1
  #index = 0
  readonly #heads: readonly Head[]

  constructor(heads: readonly Head[]) {
    this.#heads = heads
    this.head = heads[0]!
  }

  next(): void {
    this.at++
    if (this.at < this.head.lengths.length) return
    this.head = this.#heads[++this.#index]!
    this.at = 0
  }
}

keepShape(new Cursor([]))

/** Cuts off the next bytes of a text. As long as there are only ASCII characters, one is one byte, and nothing needs to be encoded again. */
function cutter(text: string, bytes: number): (next: number) => string {
  let at = 0
  if (text.length === bytes) return (next) => text.slice(at, (at += next))
  const buffer = Buffer.from(text)
  return (next) => buffer.toString('utf8', at, (at += next))
}
