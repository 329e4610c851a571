import type { BackendError, Clock, Ms } from '@jobport/core/adapter'
import { sleep } from '@jobport/core/adapter'
import type { Settings } from '../options.ts'
import { failure, failureOf } from './failure.ts'
import { Limiter } from './limiter.ts'

/** The first pause is at most so long; each next one twice as long, up to the longest. */
const PAUSE: Ms = 100
const LONGEST_PAUSE: Ms = 3_000

export interface Call {
  readonly operation: string
  readonly url: string | undefined
  /** Waits for jobs or extends leases: not held up by other requests. */
  readonly apart?: boolean
  /** Ends the waiting for the next try. */
  readonly signal?: AbortSignal
}

/** What SQS says of one entry of a batch that it did not take. */
export interface FailedEntry {
  readonly Id?: string | undefined
  readonly Code?: string | undefined
  readonly Message?: string | undefined
  readonly SenderFault?: boolean | undefined
}

/** Makes requests: a bounded number at once, each tried a bounded number of times, with pauses by chance in between. */
export class Calls {
  readonly #settings: Pick<Settings, 'attempts' | 'sockets' | 'onRetry' | 'warn'>
  readonly #clock: Clock
  readonly #limiter: Limiter

  constructor(settings: Pick<Settings, 'attempts' | 'sockets' | 'onRetry' | 'warn'>, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
    this.#limiter = new Limiter(settings.sockets)
  }

  /** @throws BackendError when the last try failed too, or another would not help. */
  async make<T>(call: Call, request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (call.apart === true ? request() : this.#limiter.run(request))
      } catch (error) {
        const failed = failure(error, call.operation)
        if (!(await this.#pause(call, 1, attempt, failed))) throw failed
      }
    }
  }

  /**
   * A batch of at most ten entries. Entries that failed for a passing reason are tried again, and only those. Answers by index: what was made of the entry, or why it was not
   * taken; `stale` where `isStale` says so of the code.
   */
  async batch<Entry, Done>(
    call: Call,
    entries: readonly Entry[],
    request: (entries: readonly Entry[]) => Promise<readonly FailedEntry[]>,
    judge: (failed: FailedEntry) => Done | undefined,
    done: Done,
  ): Promise<(Done | BackendError)[]> {
    const answers: (Done | BackendError)[] = entries.map(() => done)
    let left = entries.map((_, index) => index)
    for (let attempt = 1; left.length > 0; attempt++) {
      const asked = left
      const asking = attempt === 1 ? entries : asked.map((index) => entries[index]!)
      let again: number[] = []
      let reason: BackendError | undefined
      try {
        const failed = await (call.apart === true ? request(asking) : this.#limiter.run(() => request(asking)))
        for (const index of asked) answers[index] = done
        for (const entry of failed) {
          const index = asked[Number(entry.Id)]
          if (index === undefined) continue
          const judged = judge(entry)
          const error = judged ?? failureOf(entry.Code ?? 'Error', entry.Message ?? '', call.operation)
          answers[index] = error
          if (judged === undefined && (error as BackendError).retryable) {
            again.push(index)
            reason = error as BackendError
          }
        }
      } catch (error) {
        reason = failure(error, call.operation)
        for (const index of asked) answers[index] = reason
        again = reason.retryable ? asked : []
      }
      if (again.length === 0 || !(await this.#pause(call, again.length, attempt, reason!))) break
      left = again
    }
    return answers
  }

  /** Whether to try again; resolves when it is time to. */
  async #pause(call: Call, entries: number, attempt: number, error: BackendError): Promise<boolean> {
    if (!error.retryable || attempt >= this.#settings.attempts || isAborted(call)) return false
    const delay = Math.min(LONGEST_PAUSE, PAUSE * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2)
    const { operation, url } = call
    try {
      this.#settings.onRetry({ operation, url, entries, attempt, delay, error })
    } catch (thrown) {
      this.#settings.warn(`sqs: onRetry failed, which changes nothing: ${String(thrown)}`)
    }
    await sleep(this.#clock, delay, call.signal)
    return !isAborted(call)
  }
}

function isAborted({ signal }: Call): boolean {
  return signal?.aborted === true
}
