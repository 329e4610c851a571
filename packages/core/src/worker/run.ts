import type { ClaimedJob, Ms, NewJob } from '../contract/job.ts'
import type { Completed } from '../contract/settlement.ts'
import { jobInfo, type JobInfo } from '../definition/job-info.ts'
import { keepShape } from '../kit/keep-shape.ts'
import type { Policy } from '../retry/policy.ts'
import type { Batch } from './handling/batch.ts'
import type { Handler } from './handling/handler.ts'
import type { JobHeaders } from './instrumentation.ts'
import type { Lane } from './intake/lane.ts'
import type { Payloads } from './intake/payloads.ts'

/** What the jobs have in common that one claim brought. All times are monotonic. */
export interface Haul {
  readonly lane: Lane
  readonly payloads: Payloads
  /** When they came. */
  readonly since: Ms
  /** Those of each job at first. */
  readonly terms: Terms
}

/** Until when something is allowed, or has to be done. */
export interface Terms {
  /** From here on the lease may be someone else's. Early, because it counts from before the claim was sent. */
  readonly deadline: Ms
  /** When the lease is to be extended. */
  readonly beat: Ms
  /** When the attempt has had its time. */
  readonly timeoutAt: Ms
  /** When the slot is taken back from a handler that ignores its signal. */
  readonly abandonAt: Ms
}

/** A time that several runs share. */
export interface Moment {
  at: Ms
}

/** One claimed job on its way through a worker. All times are monotonic. */
export class Run {
  readonly claimed: ClaimedJob
  readonly haul: Haul
  readonly handler: Handler
  readonly policy: Policy
  state: 'ready' | 'running' | 'ended' = 'ready'
  /** Shared with the other jobs of the haul until one changes. */
  terms: Terms
  /** When its handler was called. */
  startedAt: Ms = Infinity
  /** When it was through. */
  ended: Moment | undefined
  /** Why the signal was aborted. */
  aborted: Error | undefined
  /** The backend said that the lease is lost: there is nothing left to settle. */
  lost = false
  followUps: Promise<NewJob>[] | undefined
  /** JobHeaders that an instrumentation adds to all that follows. */
  carried: JobHeaders | undefined
  /** What `complete(tx)` wrote in the handler's transaction. */
  completion: Completed | undefined
  /** The batch it runs in, for a handler of many. */
  batch: Batch | undefined
  /** Its place with the keeper, which holds it. */
  place: number | undefined
  /** Its place among the jobs of the haul. */
  readonly #index: number
  #controller: AbortController | undefined
  #info: JobInfo | undefined

  constructor(claimed: ClaimedJob, haul: Haul, index: number, handler: Handler, policy: Policy) {
    this.claimed = claimed
    this.haul = haul
    this.#index = index
    this.handler = handler
    this.policy = policy
    this.terms = haul.terms
  }

  change(terms: Partial<Terms>): void {
    this.terms = { ...this.terms, ...terms }
  }

  /** The value of its payload, once. Throws when that is not JSON. */
  takePayload(): unknown {
    return this.haul.payloads.take(this.#index)
  }

  /** How long it ran; `undefined` when it was not started. */
  get took(): Ms | undefined {
    return this.ended && this.ended.at - this.startedAt
  }

  get info(): JobInfo {
    return (this.#info ??= jobInfo(this.claimed))
  }

  /** Made when first asked for: most handlers never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.aborted !== undefined) this.#controller.abort(this.aborted)
    }
    return this.#controller.signal
  }

  abort(reason: Error, abandonAt: Ms): void {
    if (this.aborted !== undefined) return
    this.aborted = reason
    this.change({ abandonAt })
    this.#controller?.abort(reason)
    this.batch?.aborted(reason)
  }
}

keepShape(new Run({} as ClaimedJob, {} as Haul, 0, {} as Handler, {} as Policy))
