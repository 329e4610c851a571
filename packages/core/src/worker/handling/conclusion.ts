import type { Backend } from '../../contract/backend.ts'
import type { NewJob } from '../../contract/job.ts'
import type { Settlement } from '../../contract/settlement.ts'
import type { JobDefinition } from '../../definition/define-job.ts'
import { newJob, type NewJobOptions } from '../../definition/new-job.ts'
import { decodeValue, encodeValue } from '../../definition/value.ts'
import { encodeError } from '../../encoding/described-error.ts'
import { hiderOfPayload } from '../../definition/secret.ts'
import { followUpId } from '../../notify/notification.ts'
import { decide, type Attempted } from '../../retry/decide.ts'
import { OptionError, UnsupportedError } from '../../errors/option-error.ts'
import { failed, hopeless } from './attempt.ts'
import type { Ended } from '../intake/courier.ts'
import type { Notices } from './notices.ts'
import type { Run } from '../run.ts'

/** Turns how attempts ended into settlements with all that follows from them. */
export class Conclusions {
  readonly #backend: Backend
  readonly #random: () => number
  readonly #notices: Notices

  constructor(backend: Backend, random: () => number, notices: Notices) {
    this.#backend = backend
    this.#random = random
    this.#notices = notices
  }

  /** At once where nothing follows, which is most of the time. */
  of(run: Run, told: Attempted): Ended | Promise<Ended> {
    const attempted = withoutSecrets(run, told)
    if (attempted.kind === 'completed' && run.completion !== undefined)
      return { run, settlement: run.completion, attempted }
    const settlement = this.#decide(run, attempted)
    const { definition } = run.handler
    const follows = settlement.to === 'completed' && (definition.next.length > 0 || run.followUps !== undefined)
    if (!follows && !this.#notices.expects(run, settlement)) return { run, settlement, attempted }
    return this.#withFollowUps(run, attempted, settlement)
  }

  /** The job that a handler adds to its own completion. */
  async followUp(
    run: Run,
    definition: JobDefinition,
    input: unknown,
    options: NewJobOptions | undefined,
    index: number,
  ): Promise<NewJob> {
    const payload = await encodeValue(definition, 'input', input)
    return newJob(
      this.#backend,
      definition,
      payload,
      {
        ...options,
        headers: { ...(options?.headers === undefined && run.claimed.headers), ...run.carried, ...options?.headers },
      },
      () => followUpId(run.info, 'follow-up', `${definition.name}:${index}`),
    )
  }

  async #withFollowUps(run: Run, attempted: Attempted, settlement: Settlement): Promise<Ended> {
    let then: readonly NewJob[]
    try {
      then = attempted.kind === 'completed' ? await this.#followers(run, attempted.result) : []
    } catch (error) {
      // What follows belongs to the outcome: without it the attempt has failed.
      run.followUps = undefined
      const isMisuse = error instanceof OptionError || error instanceof UnsupportedError
      return this.of(run, isMisuse ? hopeless(error) : failed(error))
    }
    const all = [...then, ...this.#notices.of(run, settlement, attempted)]
    return { run, settlement: all.length === 0 ? settlement : { ...settlement, then: all }, attempted }
  }

  async #followers(run: Run, result: string | undefined): Promise<readonly NewJob[]> {
    const { definition } = run.handler
    const output = result === undefined ? undefined : await decodeValue(definition, 'output', result)
    const linked = definition.next.flatMap((link, index) => {
      const input: unknown = link.map(output, run.info)
      return input === undefined ? [] : [this.followUp(run, link.definition, input, undefined, -1 - index)]
    })
    return Promise.all([...linked, ...(run.followUps ?? [])])
  }

  #decide(run: Run, attempted: Attempted): Settlement {
    const { features, limits } = this.#backend
    const stored = attempted.kind === 'completed' && !features.results ? ({ kind: 'completed' } as const) : attempted
    const settlement = decide(run.claimed, run.policy, stored, this.#random)
    const { retryDelay } = limits
    return settlement.to === 'waiting' && settlement.delay > retryDelay
      ? { ...settlement, delay: retryDelay }
      : settlement
  }
}

/** The error is stored, told and notified without what the definition calls secret. */
function withoutSecrets(run: Run, attempted: Attempted): Attempted {
  if (attempted.kind !== 'failed' && attempted.kind !== 'hopeless') return attempted
  const hide = hiderOfPayload(run.handler.definition.secret, run.claimed.payload)
  return hide === undefined ? attempted : { ...attempted, encoded: encodeError(attempted.error, hide) }
}
