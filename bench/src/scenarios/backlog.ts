import { BULK, inputAt, inputs } from '../input.ts'
import type { Scenario, Size } from '../scenario.ts'
import type { Crew, System } from '../system.ts'
import { preload, verify } from './drain.ts'
import { Tally } from './tally.ts'

export interface BacklogOptions {
  /** As it stands in the name: `1m`. */
  readonly label: string
  /** Jobs that wait all the time, for each job of the full size. */
  readonly share: number
  readonly size: Size
}

/** A worker on a queue that stays as long as it is: for each thousand jobs handled a thousand new ones come. */
export function backlog({ label, share, size }: BacklogOptions): Scenario {
  const name = `drain-c100-${label}-waiting`
  const waiting = (share * size.full).toLocaleString('en')
  return {
    name,
    description: `one worker at concurrency 100 while ${share} times as many jobs wait, ${waiting} in a full run: each job handled is replaced`,
    size,
    only: 'full',
    metrics: [{ name, unit: 'jobs/s' }],
    async run({ system, measure }, count) {
      const flow = new Flow(system, count, Math.max(BULK, Math.round(share * count)))
      await flow.begin()
      const { seconds } = await measure(() => flow.run())
      await flow.end()
      return { [name]: count / seconds }
    },
  }
}

/** Jobs that come as fast as they go, with always as many waiting. */
export class Flow {
  readonly #system: System
  readonly #jobs: number
  readonly #waiting: number
  readonly #tally: Tally
  readonly #through = Promise.withResolvers<void>()
  #sent: number
  #crew: Crew | undefined

  constructor(system: System, jobs: number, waiting: number) {
    this.#system = system
    this.#jobs = jobs
    this.#waiting = waiting
    this.#sent = waiting
    this.#tally = new Tally(jobs + waiting)
  }

  begin(): Promise<void> {
    return preload(this.#system, inputs(this.#waiting))
  }

  /** Resolves when the jobs are through; as many as waited in the beginning wait then, at most. */
  async run(): Promise<void> {
    this.#crew = await this.#system.work(100, async (input) => {
      this.#tally.note(input)
      if (this.#tally.handled % BULK === 0) this.#replace()
      if (this.#tally.handled === this.#jobs) this.#through.resolve()
    })
    await Promise.race([this.#through.promise, this.#tally.complete()])
  }

  /** Works off the rest, and verifies. */
  async end(): Promise<void> {
    await this.#tally.complete()
    await this.#crew?.settled()
    await this.#crew?.stop()
    await verify(this.#system, this.#tally)
  }

  #replace(): void {
    const count = Math.min(BULK, this.#tally.size - this.#sent)
    const batch = Array.from({ length: count }, (_, index) => inputAt(this.#sent + index))
    this.#sent += count
    if (count > 0) this.#system.enqueueMany(batch).catch((error: unknown) => this.#through.reject(error))
  }
}
