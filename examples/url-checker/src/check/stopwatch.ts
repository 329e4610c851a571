import type { Timing } from '../report/report.ts'

const PHASES = ['lookup', 'connect', 'tls', 'wait'] as const
type Phase = (typeof PHASES)[number]

/** Measures the phases of a request, each from the end of the one before it. */
export class Stopwatch {
  readonly #start = performance.now()
  readonly #ends = new Map<Phase, number>()

  /** A phase is over. */
  mark(phase: Phase): void {
    this.#ends.set(phase, performance.now())
  }

  read(): Timing {
    const phases: Record<Phase, number | null> = { lookup: null, connect: null, tls: null, wait: null }
    let before = this.#start
    for (const phase of PHASES) {
      const end = this.#ends.get(phase)
      if (end === undefined) continue
      phases[phase] = rounded(end - before)
      before = end
    }
    return { ...phases, total: rounded(performance.now() - this.#start) }
  }
}

/** To tenths of a millisecond: more would be noise. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
