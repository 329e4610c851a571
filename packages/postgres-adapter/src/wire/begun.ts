import type { Begun, Lease, Started } from '@jobport/core/adapter'
import { parseNumbers, parseTexts, plainArray, textArray } from './array.ts'
import { CANCEL } from './claimed.ts'
import { keyOf } from './key.ts'
import type { Value } from './new-jobs.ts'
import { prefixOf, SealedLease } from './token.ts'

/** Attempts that are about to begin, mostly of one claim. */
export class BeginCall {
  readonly #attempts: readonly Lease[]

  constructor(attempts: readonly Lease[]) {
    this.#attempts = attempts
  }

  get queues(): Set<string> {
    return new Set(this.#attempts.map(({ queue }) => queue))
  }

  /** The arguments of `store_begin`. */
  values(queueOf: (queue: string) => number, lease: number): Value[] {
    return [
      this.#attempts.map(({ id }) => keyOf(id)).join(),
      textArray(common(this.#attempts.map(({ token }) => token))),
      plainArray(common(this.#attempts.map(({ queue }) => queueOf(queue)))),
      lease,
    ]
  }

  answers(started: string | null, paused: string | null): Begun[] {
    const answers = Array.from({ length: this.#attempts.length }, (): Begun => 'stale')
    for (const place of paused === null ? [] : parseNumbers(paused)) answers[place - 1] = 'paused'
    for (const text of started === null ? [] : parseTexts(started)) this.#start(text!, answers)
    return answers
  }

  #start(text: string, answers: Begun[]): void {
    const parts = text.split(',')
    const [place, size, first, attempt, failures, crashes, redrives, flags, no, enqueuedAt] = parts
      .slice(0, 10)
      .map(Number) as [number, number, number, number, number, number, number, number, number, number]
    const origin = parts.slice(10).join(',')
    let prefix = ''
    let random = ''
    for (let at = 0; at < size; at++) {
      const { id, queue, token } = this.#attempts[place - 1 + at]!
      if (token !== random) {
        random = token
        prefix = prefixOf({ no, attempt, random })
      }
      const lease = new SealedLease(id, queue, prefix, first + at, flags)
      const begun: Started = { lease, attempt, failures, crashes, redrives, enqueuedAt, origin }
      answers[place - 1 + at] = (flags & CANCEL) === 0 ? begun : { ...begun, cancelRequested: true }
    }
  }
}

/** One for all, where all are the same. */
function common<T>(items: readonly T[]): readonly T[] {
  return items.every((item) => item === items[0]) ? items.slice(0, 1) : items
}
