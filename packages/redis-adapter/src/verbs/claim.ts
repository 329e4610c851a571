import { claimId, token, type ClaimedJob, type ClaimRequest } from '@jobport/core/adapter'
import { PackedLease } from '../codec/lease.ts'
import { readState } from '../codec/state.ts'
import { splitTexts, TextReader } from '../codec/text.ts'
import { span } from '../limits.ts'
import type { Live } from '../live.ts'

/** What a claim brought. */
export interface Claimed {
  readonly jobs: readonly ClaimedJob[]
  /** Milliseconds until there may be something if nobody does anything; -1 for never. */
  readonly next: number
}

/** Who is to be told when there is work, for how long. */
export interface Waiting {
  readonly waiter: string
  readonly wait: number
}

type Reply = readonly [count: number, ids: string, joined: readonly string[], states: string, now: number, next: number]

export async function claim(
  live: Live,
  { queue, limit, lease }: Pick<ClaimRequest, 'queue' | 'limit' | 'lease'>,
  waiting?: Waiting,
): Promise<Claimed> {
  const name = claimId()
  const args = [live.connection.clustered, limit, span(lease), name]
  const waits = waiting === undefined ? ['', 0] : [waiting.waiter, waiting.wait]
  const reply = (await live.connection.run(live.scripts.claim, live.keys.of(queue).all, [...args, ...waits])) as Reply
  return readClaimed(queue, name, reply)
}

/** Reads what lua/taking.lua answers. Only jobs that were claimed before have a state of their own; the others come after them. */
export function readClaimed(queue: string, name: string, [count, ids, joined, states, , next]: Reply): Claimed {
  if (count === 0) return { jobs: [], next }
  const reader = new TextReader()
  const first = token(1, name)
  const idList = ids.split('\n')
  const texts = splitTexts(joined)
  const stateList = states === '' ? [] : states.split('\n')
  const jobs: ClaimedJob[] = []
  for (let index = 0; index < count; index++) {
    const id = idList[index]!
    const described = reader.read(texts[index]!)
    const words = stateList[index]
    jobs.push(words === undefined ? fresh(queue, id, first, described) : again(queue, id, name, described, words))
  }
  return { jobs, next }
}

/** Reads the text of a job that lua/hand-over.lua gave to a claim of this name. */
export function readHanded(queue: string, name: string, id: string, text: string): ClaimedJob {
  return fresh(queue, id, token(1, name), new TextReader().read(text))
}

type Described = ReturnType<TextReader['read']>

/** `id`: as the server keeps it. */
function fresh(queue: string, id: string, first: string, described: Described): ClaimedJob {
  const { name, payload, headers, priority, enqueuedAt, policy } = described
  const job = {
    lease: new PackedLease(id, queue, first),
    name,
    payload,
    headers,
    priority: priority!,
    attempt: 1,
    failures: 0,
    crashes: 0,
    redrives: 0,
    enqueuedAt,
  }
  return policy === undefined ? job : { ...job, policy }
}

function again(queue: string, id: string, claimName: string, described: Described, words: string): ClaimedJob {
  const { unique: _, ...rest } = described
  const { attempt, failures, crashes, redrives, flags } = readState(words)
  return {
    lease: new PackedLease(id, queue, token(attempt, claimName)),
    ...rest,
    attempt,
    failures,
    crashes,
    redrives,
    ...(flags.includes('q') && { cancelRequested: true }),
  }
}
