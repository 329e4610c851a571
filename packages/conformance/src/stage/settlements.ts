import type {
  CancelRequest,
  Cancelled,
  Completed,
  Dead,
  Lease,
  Ms,
  NewJob,
  Returned,
  Settlement,
} from '@jobport/core/adapter'

interface Held {
  readonly lease: Lease
}
type Rest<S extends Settlement> = Partial<Omit<S, 'lease' | 'to'>>

/** How long records stay readable unless a case is about that. */
const KEEP: Ms = 3_600_000

export const completed = ({ lease }: Held, rest: Rest<Completed> = {}): Completed => ({
  lease,
  to: 'completed',
  keep: KEEP,
  ...rest,
})

export const dead = ({ lease }: Held, rest: Rest<Dead> = {}): Dead => ({
  lease,
  to: 'dead',
  error: '"dead"',
  keep: KEEP,
  ...rest,
})

export const cancelled = ({ lease }: Held, rest: Rest<Cancelled> = {}): Cancelled => ({
  lease,
  to: 'cancelled',
  keep: KEEP,
  ...rest,
})

export const returned = ({ lease }: Held, rest: Rest<Returned> = {}): Returned => ({
  lease,
  to: 'waiting',
  delay: 0,
  counts: 'nothing',
  ...rest,
})

export const failed = (held: Held, rest: Rest<Returned> = {}): Returned =>
  returned(held, { counts: 'failure', error: '"failed"', ...rest })

/** The four ends of a claim, by name. */
export const ENDS: Readonly<
  Record<Settlement['to'], (held: Held, rest?: { readonly then?: Settlement['then'] & {} }) => Settlement>
> = {
  completed,
  dead,
  cancelled,
  waiting: failed,
}

/** The same claim with another random part: what a failover could hand out, or a forger guess. */
export function forged({ lease }: Held): Held {
  return { lease: { ...lease, token: `${lease.token.split(':')[0]}:forged` } }
}

/** What an operator asks for. */
export const cancelOf = ({ id }: Pick<NewJob, 'id'>, then?: readonly NewJob[]): CancelRequest => ({
  id,
  keep: KEEP,
  ...(then && { then }),
})
