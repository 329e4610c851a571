import type { Ms } from '../../contract/job.ts'
import type { Settled } from '../../contract/settlement.ts'
import { isBackendFailure } from '../../errors/backend-error.ts'
import type { Run } from '../run.ts'
import { Quarantine } from './quarantine.ts'

/** Before a job that could not be begun, or waited in quarantine for too long, is tried again, here or elsewhere. */
const REST: Ms = 1_000

export interface CarefulStartOptions {
  readonly maxCrashes: number
  /** Puts on record that the handler is about to be called. */
  readonly report: (run: Run) => Promise<Settled>
  /** The run may start. */
  readonly onReady: (run: Run) => void
  /** The run must not start here: its lease is lost (`run.lost`), or it has to be given back for a while. */
  readonly onReturn: (run: Run, delay: Ms) => void
  readonly onError: (error: unknown) => void
}

/** A job that has crashed before is begun only once that is on record; those that are close to death one at a time. */
export class CarefulStart {
  readonly #options: CarefulStartOptions
  readonly #quarantine: Quarantine

  constructor(options: CarefulStartOptions) {
    this.#options = options
    this.#quarantine = new Quarantine(options.maxCrashes)
  }

  /** Runs that wait for another one to end. */
  get waiting(): number {
    return this.#quarantine.length
  }

  begin(run: Run): void {
    if (!this.#quarantine.isSuspect(run)) {
      void this.#report(run)
      return
    }
    this.#quarantine.add(run)
    this.#beginNext()
  }

  /** The outcome of a run is stored, or lost. */
  settled(run: Run): void {
    if (this.#quarantine.settled(run)) this.#beginNext()
  }

  /** Gives back those that wait. */
  release(): void {
    for (const run of this.#quarantine.takeAll()) this.#options.onReturn(run, REST)
  }

  #beginNext(): void {
    const run = this.#quarantine.next()
    if (run !== undefined) void this.#report(run)
  }

  async #report(run: Run): Promise<void> {
    const { report, onReady, onReturn, onError } = this.#options
    try {
      const reply = await report(run)
      if (isBackendFailure(reply)) throw reply
      run.lost ||= reply === 'lost'
      if (run.lost) onReturn(run, 0)
      else if (run.state === 'ready') onReady(run)
    } catch (error) {
      onError(error)
      onReturn(run, REST)
    }
  }
}
