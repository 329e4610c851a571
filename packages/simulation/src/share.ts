// oxlint-disable unicorn/require-post-message-target-origin -- that is about windows, these are threads
// A thread of `run.ts`: gets shares of seeds until there are none left.
import { parentPort } from 'node:worker_threads'
import { trySeed } from './try-seed.ts'

/** Seeds from `from` to before `to`. */
export interface Share {
  readonly from: number
  readonly to: number
}

export interface ShareReport {
  readonly seeds: number
  readonly events: number
  readonly failed: readonly number[]
}

parentPort?.on('message', (share: Share | undefined) => {
  if (share === undefined) parentPort!.close()
  else void work(share)
})

async function work({ from, to }: Share): Promise<void> {
  const failed: number[] = []
  let events = 0
  for (let seed = from; seed < to; seed++) {
    const { history, violations } = await trySeed(seed)
    events += history.length
    if (violations.length > 0) failed.push(seed)
  }
  parentPort!.postMessage({ seeds: to - from, events, failed } satisfies ShareReport)
}
