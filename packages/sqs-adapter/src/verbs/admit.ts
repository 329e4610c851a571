import type { Message } from '@aws-sdk/client-sqs'
import { isBackendFailure, token, type ClaimedJob, type Ms } from '@jobport/core/adapter'
import type { Held } from '../held.ts'
import type { Live } from '../live.ts'
import { countsOf } from '../message/counts.ts'
import type { Opened } from '../message/envelope.ts'
import { fetched, read } from '../message/read.ts'
import type { VerifiedQueue } from '../queue/queue.ts'
import { bury } from './bury.ts'
import { postpone } from './postpone.ts'

/**
 * Makes claimed jobs of received messages. Those that no job can be made of go to the dead-letter queue meanwhile, and those whose payload cannot be fetched now come
 * again; `onRefused` is told of each.
 */
export async function admit(
  live: Live,
  queue: VerifiedQueue,
  messages: readonly Message[],
  receivedAt: Ms,
  lease: Ms,
  onRefused: (message: Message, isGone: Promise<boolean>) => void,
): Promise<ClaimedJob[]> {
  const claimed: ClaimedJob[] = []
  const opened = await openAll(live, queue, messages)
  for (const [index, message] of messages.entries()) {
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
    const reading = opened[index]!
    if (reading instanceof Error) {
      const refuse = isBackendFailure(reading) ? postpone : bury
      onRefused(message, refuse(live, queue, held(message.MessageId!), reading))
      continue
    }
    const { id, blob, ...job } = reading
    const lent = token(counts.attempt, handle)
    live.held.add(lent, held(id, job.group, blob))
    claimed.push({ lease: { id, queue: queue.name, token: lent }, ...job, ...counts })
  }
  return claimed
}

/** By index, the job or why there is none. Most messages carry their payload: nothing to wait for then. The others fetch theirs side by side. */
function openAll(
  { settings }: Live,
  { name }: VerifiedQueue,
  messages: readonly Message[],
): readonly (Opened | Error)[] | Promise<readonly (Opened | Error)[]> {
  const opened = messages.map((message) => {
    try {
      return read(settings, name, message)
    } catch (error) {
      return errorOf(error)
    }
  })
  if (!opened.some(isElsewhere)) return opened
  return Promise.all(opened.map(async (each) => (isElsewhere(each) ? fetched(settings, each).catch(errorOf) : each)))
}

function isElsewhere(opened: Opened | Error): opened is Opened {
  return !(opened instanceof Error) && opened.blob !== undefined
}

function errorOf(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
