import { OptionError, type Backend, type Instrumentation, type Ms, type Sent, type Worker } from '@jobport/core'
import { BlockedGroups } from './blocked-groups.ts'
import type { Labels, Sample } from './families.ts'
import { DEFAULT_BUCKETS } from './histogram.ts'
import { JobSeries } from './job-series.ts'
import { readDepth } from './queue-depth.ts'

export interface MetricsOptions {
  /** Asked at every scrape how full its queues are. Without it there are only the figures of this process. */
  readonly backend?: Backend<any>
  /** The queues to ask for. Default: all that hold a record, up to `maxQueues`. */
  readonly queues?: readonly string[]
  /** Default 100. */
  readonly maxQueues?: number
  /** The most pairs of queue and job name that get figures of their own; those beyond share the name `other`. Default 500. */
  readonly maxJobs?: number
  /** Upper bounds of the duration histograms, in seconds, rising. Default: 16 from 1 ms to 30 min. */
  readonly buckets?: readonly number[]
  /** How long a backend may take to answer. Default 2000 ms. */
  readonly timeout?: Ms
  /** Of what is measured here. Default: that of the machine. */
  readonly clock?: { now(): Ms }
}

/** Counts what queues and workers do, in memory; exporters read it. */
export interface Metrics extends Required<Pick<Instrumentation, 'attach' | 'detach' | 'completed' | 'send'>> {
  /** Counts the deliveries of a notifier, by channel. */
  readonly watchNotifier: (notifier: NotifierLike) => void
  /** Everything, at this moment. Scrapes that come at once share one answer. */
  readonly read: () => Promise<readonly Sample[]>
}

/** What is needed of a notifier of `@jobport/notifier`. */
export interface NotifierLike {
  on(event: 'delivered' | 'delayed' | 'undeliverable', listener: (delivery: Delivered) => void): unknown
}

interface Delivered {
  readonly channel: string | undefined
}

const OTHER = 'other'

function statusesOf(sent: Sent): readonly ('enqueued' | 'duplicate' | 'refused')[] {
  return 'id' in sent ? [sent.duplicate ? 'duplicate' : 'enqueued'] : sent.map(({ status }) => status)
}

/** @throws OptionError */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { buckets = DEFAULT_BUCKETS } = options
  if (buckets.length === 0 || buckets.some((bound, index) => !(bound > (buckets[index - 1] ?? 0))))
    throw new OptionError('buckets', `${JSON.stringify(buckets)} do not rise from above 0`)
  return new JobMetrics(options, buckets)
}

class JobMetrics implements Metrics {
  readonly #options: MetricsOptions
  readonly #buckets: readonly number[]
  readonly #series = new Map<string, Map<string, JobSeries>>()
  readonly #workers = new Set<Worker>()
  readonly #blockedGroups: BlockedGroups
  readonly #notifications = new Map<string, { readonly labels: Labels; value: number }>()
  #pairs = 0
  /** Mostly the next job is of the same kind. */
  #newest: JobSeries
  #blocked = 0
  #blockedSeconds = 0
  #errors = 0
  #reading: Promise<readonly Sample[]> | undefined

  constructor(options: MetricsOptions, buckets: readonly number[]) {
    this.#options = options
    this.#buckets = buckets
    this.#newest = new JobSeries('', '', buckets)
    this.#blockedGroups = new BlockedGroups(options.clock ?? performance)
  }

  readonly attach: Metrics['attach'] = (worker, jobs, { inspect }) => {
    this.#workers.add(worker)
    // From the start, at 0: an increase to the first 1 would not be seen.
    for (const { queue, name } of jobs) this.#named(queue, name)
    worker
      .on('failed', (job, { retryIn, took }) => {
        const series = this.#of(job.queue, job.name)
        series.failures++
        if (took !== undefined) series.failed.observe(took / 1000)
        if (retryIn === undefined) series.dead++
        else series.retries++
        if (job.group !== undefined) this.#blockedGroups.failed({ job, series, retryIn, took, inspect })
      })
      .on('cancelled', (job) => void this.#of(job.queue, job.name).cancelled++)
      .on('snoozed', (job) => this.#of(job.queue, job.name).returned('snoozed'))
      .on('released', (job, { reason }) => this.#of(job.queue, job.name).returned(reason))
      .on('lost', (job) => void this.#of(job.queue, job.name).lost++)
      .on('abandoned', (job) => void this.#of(job.queue, job.name).abandoned++)
      // Anybody may enqueue any name; what no code here knows must not become a label.
      .on('unknown', ({ queue }) => void this.#named(queue, OTHER).unknown++)
      .on('blocked', ({ ms }) => {
        this.#blocked++
        this.#blockedSeconds += ms / 1000
      })
      .on('error', () => void this.#errors++)
  }

  readonly detach = (worker: Worker): void => {
    this.#workers.delete(worker)
  }

  readonly completed = (queue: string, name: string, took: Ms): void => {
    const series = this.#of(queue, name)
    series.completed++
    series.completions.observe(took / 1000)
  }

  readonly send: Metrics['send'] = async ({ queue, name, count }, send) => {
    const series = this.#named(queue, name)
    try {
      const sent = await send()
      for (const status of statusesOf(sent)) {
        if (status === 'enqueued') series.enqueued++
        else if (status === 'duplicate') series.duplicates++
        else series.refused++
      }
      return sent
    } catch (error) {
      series.refused += count
      throw error
    }
  }

  readonly watchNotifier = (notifier: NotifierLike): void => {
    for (const outcome of ['delivered', 'delayed', 'undeliverable'] as const) {
      notifier.on(outcome, ({ channel = 'none' }) => {
        const key = `${channel} ${outcome}`
        const known = this.#notifications.get(key)
        if (known === undefined) this.#notifications.set(key, { labels: { channel, outcome }, value: 1 })
        else known.value++
      })
    }
  }

  readonly read = (): Promise<readonly Sample[]> => {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    return this.#reading
  }

  #of(queue: string, name: string): JobSeries {
    const newest = this.#newest
    return newest.name === name && newest.queue === queue ? newest : (this.#newest = this.#named(queue, name))
  }

  #named(queue: string, name: string): JobSeries {
    const known = this.#series.get(queue)?.get(name)
    if (known !== undefined) return known
    const isFull = this.#pairs >= (this.#options.maxJobs ?? 500)
    if (isFull && !(queue === OTHER && name === OTHER)) return this.#named(OTHER, OTHER)
    this.#pairs++
    const series = new JobSeries(queue, name, this.#buckets)
    const names = this.#series.get(queue)
    if (names === undefined) this.#series.set(queue, new Map([[name, series]]))
    else names.set(name, series)
    return series
  }

  async #read(): Promise<readonly Sample[]> {
    const { backend, queues, maxQueues = 100, timeout = 2_000 } = this.#options
    const [depth, blocked] = await Promise.all([
      backend === undefined ? [] : readDepth({ backend, queues, maxQueues, timeout }),
      this.#blockedGroups.read(timeout),
    ])
    const jobs = [...this.#series.values()]
      .flatMap((names) => [...names.values()])
      .flatMap((series) => series.read(blocked.get(series) ?? 0))
    return [...jobs, ...this.#ofWorkers(), ...this.#ofNotifications(), ...depth]
  }

  #ofWorkers(): readonly Sample[] {
    const workers = [...this.#workers]
    const sum = (of: (worker: Worker) => number): number => workers.reduce((all, worker) => all + of(worker), 0)
    const labels = {}
    return [
      { family: 'jobport_workers', labels, value: workers.length },
      { family: 'jobport_worker_running', labels, value: sum((worker) => worker.running) },
      { family: 'jobport_worker_concurrency', labels, value: sum((worker) => worker.concurrency) },
      { family: 'jobport_worker_ready', labels, value: sum((worker) => worker.ready) },
      { family: 'jobport_worker_blocked_total', labels, value: this.#blocked },
      { family: 'jobport_worker_blocked_seconds_total', labels, value: this.#blockedSeconds },
      { family: 'jobport_worker_errors_total', labels, value: this.#errors },
    ]
  }

  #ofNotifications(): readonly Sample[] {
    return [...this.#notifications.values()].map(({ labels, value }) => {
      return { family: 'jobport_notifications_total', labels, value }
    })
  }
}
