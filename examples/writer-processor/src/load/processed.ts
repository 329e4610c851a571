import { setTimeout as delay } from 'node:timers/promises'

/** How many messages a processor has processed since it started, by its metrics. */
async function processedBy(processor: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', processor))).text()
  const counts = text.matchAll(/^messages_processed_total\{.*\} (\d+)$/gm)
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0)
}

export interface Progress {
  readonly messages: number
  /** From the first to the last, in seconds. */
  readonly took: number
}

/** Watches a processor from now on until nothing has happened for `quiet` milliseconds after `isOver`. */
export async function watchProcessor(processor: string, isOver: () => boolean, quiet = 2_000): Promise<Progress> {
  const before = await processedBy(processor)
  let [count, began, last] = [before, 0, performance.now()]
  while (!isOver() || performance.now() - last < quiet) {
    await delay(100)
    const now = await processedBy(processor)
    if (now === count) continue
    last = performance.now()
    if (count === before) began = last
    count = now
  }
  return { messages: count - before, took: (last - began) / 1_000 }
}
