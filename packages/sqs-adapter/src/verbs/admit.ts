import type { Message } from '@aws-sdk/client-sqs'
import { token, type ClaimedJob, type Ms } from '@jobport/core/adapter'
import type { Held } from '../held.ts'
import type { Live } from '../live.ts'
import { countsOf } from '../message/counts.ts'
import { read } from '../message/read.ts'
import type { VerifiedQueue } from '../queue/queue.ts'
import { bury } from './bury.ts'

/** Makes claimed jobs of received messages. Those that no job can be made of go to the dead-letter queue meanwhile; `onUnreadable` is told of each. */
export async function admit(
  live: Live,
  queue: VerifiedQueue,
  messages: readonly Message[],
  receivedAt: Ms,
  lease: Ms,
  onUnreadable: (message: Message, buried: Promise<boolean>) => void,
): Promise<ClaimedJob[]> {
  const claimed: ClaimedJob[] = []
  for (const message of messages) {
    const handle = message.ReceiptHandle!
    const counts = countsOf(message)
    const held = (id: string, group?: string, blob?: string): Held => ({
      id,
      queue: queue.name,
      url: queue.url,
      handle,
      message,
      group,
      counts,
      blob,
      receivedAt,
      until: receivedAt + lease,
    })
    try {
      // Most messages carry their payload: nothing to wait for.
      const reading = read(live.settings, queue.name, message)
      const { id, blob, ...job } = reading instanceof Promise ? await reading : reading
      const lent = token(counts.attempt, handle)
      live.held.add(lent, held(id, job.group, blob))
      claimed.push({ lease: { id, queue: queue.name, token: lent }, ...job, ...counts })
    } catch (error) {
      onUnreadable(message, bury(live, queue, held(message.MessageId!), error))
    }
  }
  return claimed
}
