import type { Limits } from '../../contract/limits.ts'
import type { NewJob } from '../../contract/job.ts'
import type { Settlement } from '../../contract/settlement.ts'
import { hiderOfPayload, hideIn } from '../../definition/secret.ts'
import type { DescribedError } from '../../encoding/described-error.ts'
import { notificationsFor } from '../../notify/notification.ts'
import type { JobOutcome, NotifyRule } from '../../notify/rule.ts'
import type { Attempted } from '../../retry/decide.ts'
import type { Run } from '../run.ts'

export interface NoticesOptions {
  /** Those of the worker, which hold for all its jobs. */
  readonly rules: readonly NotifyRule[]
  readonly limits: Limits
  readonly onError: (error: unknown) => void
}

/** The notifications that follow from what becomes of a job, by the rules of its definition and of the worker. */
export class Notices {
  readonly #options: NoticesOptions

  constructor(options: NoticesOptions) {
    this.#options = options
  }

  /** Whether a settlement can have any. Asked of every one, so it only looks. */
  expects(run: Run, settlement: Settlement): boolean {
    if (run.handler.definition.notify.length === 0 && this.#options.rules.length === 0) return false
    return settlement.to !== 'waiting' || settlement.counts === 'failure' || run.claimed.crashes > 0
  }

  of(run: Run, settlement: Settlement, attempted: Attempted): readonly NewJob[] {
    if (!this.expects(run, settlement)) return []
    // That it stalled was told when it was claimed. If that was not stored, it is now; if it was, its id is known.
    const stalled = run.claimed.crashes > 0 ? this.stalled(run) : []
    const outcome = outcomeOf(settlement, attempted)
    return outcome === undefined ? stalled : [...stalled, ...this.#for(run, outcome)]
  }

  /** That the claim before this one ended without a word. */
  stalled(run: Run): readonly NewJob[] {
    return this.#for(run, { state: 'stalled' })
  }

  #for(run: Run, outcome: JobOutcome): readonly NewJob[] {
    const { rules, limits, onError } = this.#options
    const { notify: own, secret } = run.handler.definition
    const { payload } = run.claimed
    const hide = hiderOfPayload(secret, payload)
    const job = run.carried === undefined ? run.info : { ...run.info, headers: { ...run.info.headers, ...run.carried } }
    return notificationsFor(job, hide === undefined ? outcome : withoutSecrets(outcome, hide), {
      rules: rules.length === 0 ? own : [...own, ...rules],
      limits,
      payload: hide === undefined ? payload : JSON.stringify(hideIn(JSON.parse(payload), hide)),
      onError,
    })
  }
}

/** The error is without them already. */
function withoutSecrets(outcome: JobOutcome, hide: (text: string) => string): JobOutcome {
  return 'result' in outcome ? { ...outcome, result: hideIn(outcome.result, hide) } : outcome
}

function outcomeOf(settlement: Settlement, attempted: Attempted): JobOutcome | undefined {
  switch (settlement.to) {
    case 'completed':
      return {
        state: 'completed',
        ...(attempted.kind === 'completed' &&
          attempted.result !== undefined && { result: JSON.parse(attempted.result) as unknown }),
      }
    case 'dead':
      return { state: 'dead', error: JSON.parse(settlement.error) as DescribedError }
    case 'cancelled':
      return { state: 'cancelled' }
    case 'waiting': {
      const { counts, delay, error } = settlement
      if (counts !== 'failure' || error === undefined) return undefined
      return { state: 'retrying', retryIn: delay, error: JSON.parse(error) as DescribedError }
    }
  }
}
