import { setTimeout as sleep } from 'node:timers/promises'
import type { Ms } from '@jobport/core'
import type { Actor } from './actor.ts'

const PATIENCE: Ms = 20_000

/** Asks how many jobs are open, so often, until the producers are done and it is none, or until for so long no job has ended. */
export async function calm(
  open: () => Promise<number>,
  { producers, patience, every }: { readonly producers: readonly Actor[]; readonly patience: Ms; readonly every: Ms },
): Promise<void> {
  let least = Infinity
  let deadline = Infinity
  do {
    const count = await open()
    if (count < least) {
      least = count
      deadline = performance.now() + patience
    }
    if (count === 0 && producers.every(({ isDone }) => isDone)) return
    await sleep(every)
  } while (performance.now() < deadline)
}

/** The server may be away for a while. */
export async function patiently<Answer>(
  ask: () => Promise<Answer>,
  mayPass: (error: unknown) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + PATIENCE
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!mayPass(error) || performance.now() > deadline) throw error
      await sleep(100)
    }
  }
}
