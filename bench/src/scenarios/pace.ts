import { setTimeout } from 'node:timers/promises'

/** Items come in so many batches a second. */
const BATCHES = 100

/** Sends so many items a second, whether or not those before are over. Resolves when all are. */
export async function paced(
  count: number,
  perSecond: number,
  send: (index: number) => Promise<unknown>,
): Promise<void> {
  const begin = performance.now()
  const size = perSecond / BATCHES
  const sendBatch = async (from: number): Promise<void> => {
    await Promise.all(Array.from({ length: Math.min(size, count - from) }, (_, offset) => send(from + offset)))
  }
  const batches: Promise<void>[] = []
  for (let from = 0; from < count; from += size) {
    await setTimeout(Math.max(0, begin + (from / perSecond) * 1000 - performance.now()))
    batches.push(sendBatch(from))
  }
  await Promise.all(batches)
}
