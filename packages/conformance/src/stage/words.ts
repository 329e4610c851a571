import type { ClaimedJob, Finished, Inspector, JobId, JobState } from '@jobport/core/adapter'

/** Ids, in order. */
export function ids(jobs: readonly ({ readonly id: JobId } | ClaimedJob)[]): JobId[] {
  return jobs.map((job) => ('lease' in job ? job.lease.id : job.id))
}

/** Strings that have broken queues before: encodings, quotings, and what looks like code. */
export const STRANGE: readonly string[] = [
  '',
  ' ',
  '\u0001\u001f\u007f\u0080',
  '\t\r\n\u2028\u2029',
  'ünïcödé, 漢字, العربية, עברית',
  '😀👩‍👩‍👧‍👦🏳️‍🌈',
  '\u{10ffff}\ufffe\uffff',
  'e\u0301 and \u00e9',
  `"double" 'single' \`back\` \\ / \\\\`,
  "'; drop table jobs; --",
  '$1 %s %n {0} ${x} {{y}} <b>&amp;</b>',
  '__proto__',
  'constructor',
  '*',
  '*3\r\n$3\r\nSET\r\n',
  'null',
  'true',
  '12345678901234567890',
  '1e400',
  'a'.repeat(5_000),
]

/** Of those, the ones that can be a key or a group: 1 to 512 characters. */
export const STRANGE_KEYS = STRANGE.filter(({ length }) => length > 0 && length <= 512)

/** Everything that a listener of `watch` was told so far. */
export interface Watched {
  readonly finished: Finished[]
  /** How many jobs each call of the listener told about. */
  readonly calls: number[]
  readonly stop: () => Promise<void>
}

export async function watched(backend: { readonly inspect: Inspector }): Promise<Watched> {
  const finished: Finished[] = []
  const calls: number[] = []
  const stop = await backend.inspect.watch((batch) => {
    finished.push(...batch)
    calls.push(batch.length)
  })
  return { finished, calls, stop }
}

export const NONE: Readonly<Record<JobState, number>> = {
  waiting: 0,
  scheduled: 0,
  active: 0,
  completed: 0,
  dead: 0,
  cancelled: 0,
}

/** How many jobs of each state a queue has. */
export async function countsOf(stage: {
  readonly backend: { readonly inspect: Inspector }
  readonly queue: string
}): Promise<Record<JobState, number>> {
  const { oldest: _, paused: __, ...counts } = await stage.backend.inspect.counts(stage.queue)
  return counts
}

/** Does something again and again until `end` has settled, and gives what it settled with. */
export async function meanwhile<T>(end: Promise<T>, step: () => Promise<void>): Promise<T> {
  const ended = { yet: false }
  const mark = (): void => void (ended.yet = true)
  end.then(mark, mark)
  while (!ended.yet) {
    await step()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return end
}
