import type { Held } from '../held.ts'
import type { Live } from '../live.ts'
import type { VerifiedQueue } from '../queue/queue.ts'
import { changeVisibility } from './visibility.ts'

/** The longest pause, in seconds: before `maxReceives` ends the job, by default, a store may be away for hours. */
const LONGEST = 900

/** Lets a message whose payload cannot be fetched now come again, each time later. It is not gone: `false`. */
export async function postpone(live: Live, queue: VerifiedQueue, held: Held, reason: Error): Promise<boolean> {
  const { handle, id, message } = held
  const seconds = Math.min(LONGEST, 2 ** Number(message.Attributes?.ApproximateReceiveCount ?? 1))
  live.settings.warn(`${reason.message}; message ${id} of ${queue.url} comes again in ${seconds} s.`)
  await changeVisibility(live, queue.url, [{ handle, seconds }], false)
  return false
}
