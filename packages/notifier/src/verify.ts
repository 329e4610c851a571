import { sleep, type Clock, type Ms } from '@jobport/core/notify'
import type { Channel } from './channel.ts'
import type { Verification } from './notifier.ts'

const PATIENCE: Ms = 15_000

/** Asks all channels at once. */
export async function verify(
  channels: Readonly<Record<string, Channel>>,
  clock: Clock,
): Promise<Readonly<Record<string, Verification>>> {
  const answers = Object.entries(channels).map(async ([name, channel]) => [name, await ask(channel, clock)] as const)
  return Object.fromEntries(await Promise.all(answers))
}

async function ask(channel: Channel, clock: Clock): Promise<Verification> {
  const answered = new AbortController()
  const late = async (): Promise<never> => {
    await sleep(clock, PATIENCE, answered.signal)
    throw new Error(`no answer after ${PATIENCE / 1_000} s`)
  }
  try {
    const timer = late()
    timer.catch(() => {})
    await Promise.race([channel.verify?.(), timer])
    return { ok: true }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) }
  } finally {
    answered.abort()
  }
}
