import type { Held } from '../held.ts'
import type { Live } from '../live.ts'
import { deadParcel } from '../message/moved.ts'
import type { VerifiedQueue } from '../queue/queue.ts'
import { send, type Sent } from './send.ts'
import { remove } from './visibility.ts'

/** Sends a message that no job can be made of to the dead-letter queue. Where that fails it comes back, and the redrive policy ends it: `false`. */
export async function bury(live: Live, queue: VerifiedQueue, held: Held, reason: Error): Promise<boolean> {
  const { settings } = live
  const problem = reason.message
  const answers: Sent[] = []
  const error = JSON.stringify({ name: 'UnreadableMessageError', message: problem })
  await send(live, queue.dead, [deadParcel(live.settings, held, error, 0)], (_, answer) => answers.push(answer))
  const [failed = 'sent'] = answers
  if (failed === 'sent') await remove(live, queue.url, [held.handle])
  const what = failed === 'sent' ? 'went to the dead-letter queue' : `cannot be moved away: ${failed.message}`
  settings.warn(`sqs: message ${held.id} of ${queue.url} is unreadable, since ${problem}; it ${what}.`)
  return failed === 'sent'
}
