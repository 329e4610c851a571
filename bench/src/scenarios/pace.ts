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
  const sending = new Set<Promise<unknown>>()
  for (let index = 0; index < count; index++) {
    if (index % (perSecond / BATCHES) === 0) await setTimeout(begin + (index / perSecond) * 1000 - performance.now())
    const one = send(index).finally(() => sending.delete(one))
    sending.add(one)
  }
  await Promise.all(sending)
}
