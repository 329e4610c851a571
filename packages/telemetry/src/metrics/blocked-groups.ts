import type { Inspector, JobId, JobInfo, JobRecord, Ms } from '@jobport/core'
import { inTime } from './in-time.ts'
import type { JobSeries } from './job-series.ts'

/** So many are remembered, to bound memory and the time of a scrape. */
const MOST = 1_000

export interface FailedOfGroup {
  readonly job: JobInfo
  readonly series: JobSeries
  /** `undefined`: the job is dead, and its group goes on. */
  readonly retryIn: Ms | undefined
  readonly took: Ms | undefined
  /** Of the backend that has the job, if that remembers jobs. */
  readonly inspect: Inspector | undefined
}

interface Blockage {
  readonly key: string
  readonly id: JobId
  readonly queue: string
  readonly redrives: number
  readonly series: JobSeries
  readonly inspect: Inspector | undefined
  /** When its first failure was seen here. */
  readonly since: Ms
  readonly until: Ms
}

/**
 * Knows how long groups have been blocked by jobs of theirs that failed. Told of failures alone, so jobs that succeed cost nothing.
 *
 * The next attempt may run in another process, which is not heard of here. So a group is taken for blocked until that attempt is due and has had the time of the one before;
 * then whoever ran it knows better. If the job fails here once more, its group has been blocked all the time in between. Where the backend remembers jobs, it is asked whether
 * somebody has ended the wait before, such as an operator.
 */
export class BlockedGroups {
  readonly #clock: { now(): Ms }
  /** Those that failed last come last. */
  readonly #known = new Map<string, Blockage>()

  constructor(clock: { now(): Ms }) {
    this.#clock = clock
  }

  failed({ job, series, retryIn, took = 0, inspect }: FailedOfGroup): void {
    const { id, queue, redrives } = job
    const key = `${queue} ${id}`
    const known = this.#known.get(key)
    this.#known.delete(key)
    if (retryIn === undefined) return
    const now = this.#clock.now()
    if (this.#known.size >= MOST && !this.#forgetOne(now)) return
    const since = known?.redrives === redrives ? known.since : now
    this.#known.set(key, { key, id, queue, redrives, series, inspect, since, until: now + retryIn + took })
  }

  /** Seconds for which the group has been blocked that has been so for the longest, where there is one. */
  async read(timeout: Ms): Promise<ReadonlyMap<JobSeries, number>> {
    await inTime(timeout, this.#forgetEnded())
    const now = this.#clock.now()
    return new Map([...this.#longest(now)].map(([series, { since }]) => [series, (now - since) / 1_000]))
  }

  #longest(now: Ms): ReadonlyMap<JobSeries, Blockage> {
    const longest = new Map<JobSeries, Blockage>()
    for (const blockage of this.#known.values()) {
      const { series, since, until } = blockage
      if (until > now && since < (longest.get(series)?.since ?? Infinity)) longest.set(series, blockage)
    }
    return longest
  }

  async #forgetEnded(): Promise<void> {
    for (;;) {
      const byInspector = Map.groupBy(this.#longest(this.#clock.now()).values(), ({ inspect }) => inspect)
      const ended = (await Promise.all([...byInspector].map(async ([inspect, all]) => endedOf(inspect, all)))).flat()
      if (ended.length === 0) return
      for (const blockage of ended) if (this.#known.get(blockage.key) === blockage) this.#known.delete(blockage.key)
    }
  }

  /** None that is taken for blocked; then there is no room. */
  #forgetOne(now: Ms): boolean {
    for (const { key, until } of this.#known.values()) if (until <= now) return this.#known.delete(key)
    return false
  }
}

async function endedOf(inspect: Inspector | undefined, blockages: readonly Blockage[]): Promise<readonly Blockage[]> {
  const records = await inspect?.find(blockages.map(({ id }) => id)).catch(() => undefined)
  return records === undefined ? [] : blockages.filter((blockage, index) => hasEnded(blockage, records[index]))
}

function hasEnded({ queue, redrives }: Blockage, record: JobRecord | undefined): boolean {
  if (record === undefined) return true
  // Where ids are unique within a queue alone, it may be another job.
  return record.queue === queue && (record.finishedAt !== undefined || record.redrives !== redrives)
}
