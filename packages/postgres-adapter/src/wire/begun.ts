import type { Begun, Lease, Started } from '@jobport/core/adapter'
import { parseNumbers, parseTexts } from './array.ts'
import { CANCEL } from './claimed.ts'
import { keyOf } from './key.ts'
import type { Value } from './new-jobs.ts'
import { Seal } from './token.ts'

/** Attempts of one claim that are about to begin. */
export class BeginCall {
  readonly queue: string
  readonly #claim: string
  readonly #ids: string[] = []
  readonly #indexes: number[] = []

  constructor({ queue, token }: Lease) {
    this.queue = queue
    this.#claim = token
  }

  /** `false`: it is of another claim. */
  add({ id, queue, token }: Lease, index: number): boolean {
    if (queue !== this.queue || token !== this.#claim) return false
    this.#ids.push(id)
    this.#indexes.push(index)
    return true
  }

  /** The arguments of `store_begin`. */
  values(queueOf: (queue: string) => number, lease: number): Value[] {
    return [this.#ids.map(keyOf).join(), this.#claim, queueOf(this.queue), lease]
  }

  answer(started: string | null, paused: string | null, answers: Begun[]): void {
    for (const place of paused === null ? [] : parseNumbers(paused)) answers[this.#indexes[place - 1]!] = 'paused'
    for (const text of started === null ? [] : parseTexts(started)) this.#start(text!, answers)
  }

  #start(text: string, answers: Begun[]): void {
    const parts = text.split(',')
    const [place, size, first, attempt, failures, crashes, redrives, flags, no, enqueuedAt] = parts
      .slice(0, 10)
      .map(Number) as [number, number, number, number, number, number, number, number, number, number]
    const origin = parts.slice(10).join(',')
    const seal = new Seal(this.queue, { no, attempt, random: this.#claim }, flags)
    for (let at = 0; at < size; at++) {
      const lease = seal.lease(this.#ids[place - 1 + at]!, first + at)
      const begun: Started = { lease, attempt, failures, crashes, redrives, enqueuedAt, origin }
      answers[this.#indexes[place - 1 + at]!] = (flags & CANCEL) === 0 ? begun : { ...begun, cancelRequested: true }
    }
  }
}

/** Sorts attempts by claim; mostly there is one. */
export function beginCalls(attempts: readonly Lease[]): readonly BeginCall[] {
  const calls: BeginCall[] = []
  attempts.forEach((attempt, index) => {
    if (calls.at(-1)?.add(attempt, index) === true || calls.some((call) => call.add(attempt, index))) return
    const call = new BeginCall(attempt)
    call.add(attempt, index)
    calls.push(call)
  })
  return calls
}
