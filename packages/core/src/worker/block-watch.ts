import type { Ms } from '../contract/job.ts'
import type { Clock } from '../time/clock.ts'

export interface BlockWatchOptions {
  readonly clock: Clock
  /** Report blockages from this length on. */
  readonly after: Ms
  /** Names of the jobs that are running. */
  readonly running: () => readonly string[]
  readonly report: (blockage: { ms: Ms; jobs: readonly string[] }) => void
}

/** Notices when nothing ran on this thread for a while: a timer that comes late tells how long, the handlers' own times tell whose fault it was. */
export class BlockWatch {
  readonly #options: BlockWatchOptions
  #cancel: (() => void) | undefined
  #culprits = new Set<string>()

  constructor(options: BlockWatchOptions) {
    this.#options = options
  }

  start(): void {
    const { clock, after } = this.#options
    const pause = after / 2
    const due = clock.now() + pause
    this.#cancel = clock.schedule(pause, () => this.#look(clock.now() - due), { background: true })
  }

  stop(): void {
    this.#cancel?.()
  }

  /** A handler kept the thread to itself for so long before it first let go. */
  note(job: string, ms: Ms): void {
    if (ms >= this.#options.after / 2) this.#culprits.add(job)
  }

  #look(late: Ms): void {
    const { after, running, report } = this.#options
    const jobs = this.#culprits.size > 0 ? [...this.#culprits] : [...new Set(running())]
    this.#culprits.clear()
    this.start()
    if (late >= after) report({ ms: Math.round(late), jobs })
  }
}
