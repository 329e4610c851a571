import { randomUUID } from 'node:crypto'
import {
  ReceiveMessageCommand,
  type Message,
  type MessageSystemAttributeName,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs'
import type { ClaimedJob, ClaimRequest, Ms } from '@jobport/core/adapter'
import { REQUEST_ENTRIES, seconds } from '../limits.ts'
import type { Live } from '../live.ts'
import { ATTRIBUTES } from '../message/envelope.ts'
import type { VerifiedQueue } from '../queue/queue.ts'
import { admit } from './admit.ts'
import { show } from './visibility.ts'

const SYSTEM_ATTRIBUTES: readonly MessageSystemAttributeName[] = ['ApproximateReceiveCount', 'SentTimestamp']

/**
 * Receives up to `limit` messages, ten a request. Waits, if it may, until the first ten are there, then takes what else there is. An abort is answered at
 * once; a request that is waiting then goes on in the background, and what it brings goes back.
 */
export async function claim(live: Live, request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedJob[]> {
  if (signal.aborted || live.closing.aborted) return []
  const stop = new AbortController()
  const end = (): void => stop.abort()
  signal.addEventListener('abort', end)
  live.closing.addEventListener('abort', end)
  const ended = new Promise<readonly ClaimedJob[]>((resolve) =>
    stop.signal.addEventListener('abort', () => resolve([]), { once: true }),
  )
  try {
    return await Promise.race([live.track(live.at(request.queue, () => take(live, request, stop.signal))), ended])
  } finally {
    signal.removeEventListener('abort', end)
    live.closing.removeEventListener('abort', end)
  }
}

async function take(live: Live, request: ClaimRequest, stopped: AbortSignal): Promise<readonly ClaimedJob[]> {
  const queue = await live.queues.verify(request.queue)
  const { limit } = request
  const until = live.clock.now() + request.wait
  while (!stopped.aborted) {
    const wait = Math.max(0, until - live.clock.now())
    const claimed = wait > 0 ? await receive(live, queue, request, Math.min(limit, REQUEST_ENTRIES), wait) : []
    // A full answer says that there may be more.
    const more = wait === 0 || claimed.length === REQUEST_ENTRIES ? limit - claimed.length : 0
    if (more > 0 && !stopped.aborted) claimed.push(...(await receiveMany(live, queue, request, more)))
    if (stopped.aborted) {
      await giveBack(live, claimed)
      return []
    }
    if (claimed.length > 0 || wait === 0) return claimed
  }
  return []
}

/** All at once. What some of the requests brought is not lost with one that failed. */
async function receiveMany(
  live: Live,
  queue: VerifiedQueue,
  request: ClaimRequest,
  count: number,
): Promise<ClaimedJob[]> {
  const each = live.crowded.has(queue.name) ? 1 : REQUEST_ENTRIES
  const requests = Array.from({ length: Math.ceil(count / each) }, (_, index) =>
    receive(live, queue, request, Math.min(each, count - index * each), 0),
  )
  const outcomes = await Promise.allSettled(requests)
  const claimed = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []))
  const failed = outcomes.find((outcome) => outcome.status === 'rejected')
  if (claimed.length === 0 && failed !== undefined) throw failed.reason
  return claimed
}

/** One request. */
async function receive(
  live: Live,
  queue: VerifiedQueue,
  { lease }: ClaimRequest,
  count: number,
  wait: Ms,
): Promise<ClaimedJob[]> {
  const { fifo, longPoll, decode } = live.settings
  const input: ReceiveMessageCommandInput = {
    QueueUrl: queue.url,
    MaxNumberOfMessages: live.crowded.has(queue.name) ? 1 : count,
    VisibilityTimeout: seconds(lease),
    WaitTimeSeconds: seconds(Math.min(wait, longPoll)),
    MessageSystemAttributeNames: [...SYSTEM_ATTRIBUTES],
    MessageAttributeNames: decode === undefined ? [...ATTRIBUTES] : ['All'],
    // Whoever repeats a request whose answer was lost gets the same messages, instead of waiting for them.
    ...(fifo && { ReceiveRequestAttemptId: randomUUID() }),
  }
  let receivedAt = live.clock.now()
  const { Messages = [] } = await live.calls.make(
    { operation: 'ReceiveMessage', url: queue.url, apart: wait > 0, signal: live.closing },
    () => {
      if (!fifo) receivedAt = live.clock.now()
      return (wait > 0 ? live.patient : live.client).send(new ReceiveMessageCommand(input))
    },
  )
  const messages = fifo ? await firstOfEach(live, queue, Messages) : Messages
  return admit(live, queue, messages, receivedAt, lease, (_, buried) => void live.track(buried))
}

/**
 * One request may bring several messages of a group, of which only the first may run. The others go back, and cost an attempt; so from then on messages of this queue
 * are received one by one.
 */
async function firstOfEach(
  live: Live,
  queue: VerifiedQueue,
  messages: readonly Message[],
): Promise<readonly Message[]> {
  if (messages.length < 2) return messages
  const groups = new Set<string>()
  const first: Message[] = []
  const others: Message[] = []
  for (const message of messages) {
    const group = message.Attributes?.MessageGroupId ?? ''
    if (groups.has(group)) others.push(message)
    else first.push(message)
    groups.add(group)
  }
  if (others.length > 0) {
    live.crowded.add(queue.name)
    await show(
      live,
      queue.url,
      others.map(({ ReceiptHandle }) => ReceiptHandle!),
    )
  }
  return first
}

async function giveBack(live: Live, claimed: readonly ClaimedJob[]): Promise<void> {
  const handles = Map.groupBy(
    claimed.flatMap(({ lease }) => live.held.find(lease) ?? []),
    ({ url }) => url,
  )
  for (const { lease } of claimed) live.held.delete(lease.token)
  await Promise.all(
    Array.from(handles, ([url, held]) =>
      show(
        live,
        url,
        held.map(({ handle }) => handle),
      ),
    ),
  )
}
