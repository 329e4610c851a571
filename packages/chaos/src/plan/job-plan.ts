import type { Ms } from '@jobport/core'
import { LEASE, PRODUCERS } from './setting.ts'

export type Kind =
  | 'plain'
  | 'delayed'
  | 'priority'
  | 'unique'
  | 'group'
  | 'failing'
  | 'dying'
  | 'followed'
  | 'notified'
  | 'long'
  | 'deaf'
  | 'poison'

/** What a job is and what its handler does. It follows from the number of the job alone, so every process knows it. */
export interface JobPlan {
  readonly id: string
  readonly kind: Kind
  /** Which producer enqueues it. */
  readonly producer: number
  readonly delay?: Ms
  readonly priority?: number
  readonly unique?: string
  readonly group?: string
  /** How often its handler throws before it returns. */
  readonly fails: number
  readonly retries: number
  /** How long it waits before it is tried again. */
  readonly backoff: Ms
  /** How long its handler takes. */
  readonly takes: Ms
  /** It is enqueued a second time, though it was accepted. */
  readonly repeated: boolean
}

const KINDS: readonly Kind[] = [
  ...(['plain', 'group', 'long', 'unique', 'notified', 'failing', 'delayed', 'followed', 'unique', 'plain'] as const),
  ...(['plain', 'group', 'priority', 'unique', 'dying', 'failing', 'plain', 'followed', 'unique', 'plain'] as const),
  ...(['plain', 'group', 'delayed', 'unique', 'notified', 'failing', 'plain', 'followed', 'unique', 'deaf'] as const),
  ...(['plain', 'group', 'priority', 'unique', 'dying', 'failing', 'long', 'followed', 'unique', 'plain'] as const),
]
/** Jobs that take their worker down each time. Few: each of them costs three leases. */
const POISON_EVERY = 500
const GROUPS = 8

export function jobPlan(index: number): JobPlan {
  const kind: Kind = index % POISON_EVERY === 90 ? 'poison' : KINDS[index % KINDS.length]!
  const round = Math.floor(index / KINDS.length)
  const group = kind === 'group' ? `g${round % GROUPS}` : undefined
  const unique = kind === 'unique' ? `u${round}` : undefined
  const owner = group === undefined ? round : round % GROUPS
  return {
    id: `job-${index}`,
    kind,
    // Who shares a group or a key comes from one producer, so that their order is known.
    producer: owner % PRODUCERS,
    ...(kind === 'delayed' && { delay: 200 + (round % 5) * 400 }),
    ...(kind === 'priority' && { priority: 1 + (round % 3) }),
    ...(unique !== undefined && { unique }),
    ...(group !== undefined && { group }),
    fails: fails(kind, round),
    retries: kind === 'dying' ? round % 3 : 3,
    // Long enough for whoever holds a group to be killed meanwhile.
    backoff: kind === 'group' ? 500 : 50,
    takes: takes(kind, round),
    repeated: index % 17 === 5,
  }
}

export function jobPlans(count: number): readonly JobPlan[] {
  return Array.from({ length: count }, (_, index) => jobPlan(index))
}

function fails(kind: Kind, round: number): number {
  if (kind === 'dying') return Infinity
  if (kind === 'failing') return 1 + (round % 3)
  // The others of its group wait for it.
  return kind === 'group' && round % 3 === 1 ? 1 : 0
}

/** Nearly a lease: whoever stops that long and comes back has something to settle that is not his any more. */
function takes(kind: Kind, round: number): Ms {
  if (kind === 'long') return LEASE * 0.9
  if (kind === 'deaf') return LEASE * (0.7 + (round % 4) * 0.1)
  // Long enough for the next of the same group or key to come.
  if (kind === 'group' || kind === 'unique') return 50 + (round % 4) * 50
  return (round % 4) * 7
}
