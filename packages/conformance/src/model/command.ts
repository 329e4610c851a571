import type { JobState, Settlement } from '@jobport/core/adapter'
import fc from 'fast-check'

/** Nothing, a moment that one `advance` outlasts, or longer than any run. */
export type Span = 'none' | 'short' | 'long'

/** Ids are few, so that the same ones come again; each belongs to one of two queues. */
export interface JobPlan {
  readonly id: number
  readonly delay: Span
  readonly priority: 0 | 1
  readonly unique?: { readonly key: number; readonly within: Span }
  readonly group?: number
}

export interface SettlePlan {
  readonly hand: Hand
  readonly to: Settlement['to']
  readonly keep: Span
  readonly delay: Span
  readonly counts: 'failure' | 'nothing'
  readonly then: readonly JobPlan[]
}

/** Which claim of the history speaks: one that holds its job, or one that does not any more. */
export interface Hand {
  readonly current: boolean
  readonly pick: number
  /** With the right number in its token and another random part. */
  readonly forged: boolean
}

export type Command =
  | { readonly do: 'enqueue'; readonly jobs: readonly JobPlan[] }
  | { readonly do: 'claim'; readonly queue: number; readonly lease: 'short' | 'long'; readonly few: boolean }
  | { readonly do: 'settle'; readonly settlements: readonly SettlePlan[] }
  | { readonly do: 'exchange'; readonly settlements: readonly SettlePlan[]; readonly queue: number }
  | { readonly do: 'extend'; readonly hands: readonly Hand[]; readonly lease: 'short' | 'long' }
  | { readonly do: 'report'; readonly hand: Hand; readonly begun: boolean }
  | { readonly do: 'cancel'; readonly id: number; readonly keep: Span; readonly then: readonly JobPlan[] }
  | { readonly do: 'retry' | 'remove'; readonly id: number }
  | { readonly do: 'pause' | 'resume'; readonly queue: number }
  | { readonly do: 'purge'; readonly queue: number; readonly state: Exclude<JobState, 'active'> }
  | { readonly do: 'advance' }

export const IDS = 12
export const QUEUES = 2

const span = fc.constantFrom<Span>('none', 'short', 'long')
const lease = fc.constantFrom<'short' | 'long'>('short', 'long')
const id = fc.nat(IDS - 1)
const queue = fc.nat(QUEUES - 1)

const plain = fc.record({ id, delay: fc.constant<Span>('none'), priority: fc.constantFrom<0 | 1>(0, 1) })
const delayed = fc.record({ id, delay: span, priority: fc.constantFrom<0 | 1>(0, 1) })
const unique = fc.record({
  id,
  delay: fc.constantFrom<Span>('none', 'none', 'short'),
  priority: fc.constant<0>(0),
  unique: fc.record({ key: fc.nat(1), within: span }),
})
// When a delayed job joins its group is left to the backend, so grouped jobs have no delay.
const grouped = fc.record({
  id,
  delay: fc.constant<Span>('none'),
  priority: fc.constantFrom<0 | 1>(0, 1),
  group: fc.nat(1),
})
const job: fc.Arbitrary<JobPlan> = fc.oneof(plain, delayed, unique, grouped)

/** A third of the tokens is old on purpose. */
const hand = fc.record({
  current: fc.constantFrom(true, true, true, true, false, false),
  pick: fc.nat(50),
  forged: fc.constantFrom(false, false, false, false, false, false, false, true),
})
const then = fc.oneof(
  { weight: 3, arbitrary: fc.constant<readonly JobPlan[]>([]) },
  { weight: 1, arbitrary: fc.array(job, { minLength: 1, maxLength: 2 }) },
)
const settlement: fc.Arbitrary<SettlePlan> = fc.record({
  hand,
  to: fc.constantFrom<Settlement['to']>('completed', 'dead', 'cancelled', 'waiting', 'waiting'),
  keep: span,
  delay: span,
  counts: fc.constantFrom<'failure' | 'nothing'>('failure', 'nothing'),
  then,
})
const settlements = fc.array(settlement, { minLength: 1, maxLength: 3 })

const weighted = <T extends Command>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<Command> => ({
  weight,
  arbitrary,
})

/** `advances`: how often time goes on, among 40 commands of other kinds. */
export function commands(advances: number): fc.Arbitrary<Command[]> {
  const command = fc.oneof(
    weighted(
      10,
      fc.record({ do: fc.constant('enqueue' as const), jobs: fc.array(job, { minLength: 1, maxLength: 4 }) }),
    ),
    weighted(9, fc.record({ do: fc.constant('claim' as const), queue, lease, few: fc.boolean() })),
    weighted(9, fc.record({ do: fc.constant('settle' as const), settlements })),
    weighted(3, fc.record({ do: fc.constant('exchange' as const), settlements, queue })),
    weighted(
      2,
      fc.record({ do: fc.constant('extend' as const), hands: fc.array(hand, { minLength: 1, maxLength: 3 }), lease }),
    ),
    weighted(2, fc.record({ do: fc.constant('report' as const), hand, begun: fc.boolean() })),
    weighted(2, fc.record({ do: fc.constant('cancel' as const), id, keep: span, then })),
    weighted(2, fc.record({ do: fc.constant('retry' as const), id })),
    weighted(1, fc.record({ do: fc.constant('remove' as const), id })),
    weighted(1, fc.record({ do: fc.constant('pause' as const), queue })),
    weighted(1, fc.record({ do: fc.constant('resume' as const), queue })),
    weighted(
      1,
      fc.record({
        do: fc.constant('purge' as const),
        queue,
        state: fc.constantFrom('waiting', 'scheduled', 'completed', 'dead', 'cancelled'),
      }),
    ),
    weighted(advances, fc.record({ do: fc.constant('advance' as const) })),
  )
  return fc.array(command, { minLength: 1, maxLength: 60, size: 'max' })
}
