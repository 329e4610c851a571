import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand } from '@aws-sdk/client-sqs'
import type { BackendError } from '@jobport/core/adapter'
import type { FailedEntry } from '../client/calls.ts'
import { isStale } from '../client/failure.ts'
import { REQUEST_ENTRIES } from '../limits.ts'
import type { Live } from '../live.ts'

/** `stale`: SQS no longer honours the handle. */
export type Changed = 'done' | 'stale' | BackendError

export interface Change {
  readonly handle: string
  /** Until the message is visible, in seconds. */
  readonly seconds: number
}

const judge = ({ Code }: FailedEntry): Changed | undefined => (isStale(Code) ? 'stale' : undefined)

/** Lets messages of one queue become visible after so many seconds. Answers by index. */
export function changeVisibility(
  live: Live,
  url: string,
  changes: readonly Change[],
  apart: boolean,
): Promise<readonly Changed[]> {
  return tenByTen(changes, (some) =>
    live.calls.batch<Change, Changed>(
      { operation: 'ChangeMessageVisibilityBatch', url, apart },
      some,
      async (asked) => {
        const command = new ChangeMessageVisibilityBatchCommand({
          QueueUrl: url,
          Entries: asked.map(({ handle, seconds }, index) => ({
            Id: String(index),
            ReceiptHandle: handle,
            VisibilityTimeout: seconds,
          })),
        })
        return (await (apart ? live.patient : live.client).send(command)).Failed ?? []
      },
      judge,
      'done',
    ),
  )
}

/** Removes messages of one queue. Answers by index. */
export function remove(live: Live, url: string, handles: readonly string[]): Promise<readonly Changed[]> {
  return tenByTen(handles, (some) =>
    live.calls.batch<string, Changed>(
      { operation: 'DeleteMessageBatch', url },
      some,
      async (asked) => {
        const command = new DeleteMessageBatchCommand({
          QueueUrl: url,
          Entries: asked.map((handle, index) => ({ Id: String(index), ReceiptHandle: handle })),
        })
        return (await live.client.send(command)).Failed ?? []
      },
      judge,
      'done',
    ),
  )
}

/** Lets others have these messages at once, as well as that can be done: they come back by themselves when their lease ends. */
export async function show(live: Live, url: string, handles: readonly string[]): Promise<void> {
  await changeVisibility(
    live,
    url,
    handles.map((handle) => ({ handle, seconds: 0 })),
    false,
  )
}

async function tenByTen<Item, Answer>(
  items: readonly Item[],
  ask: (some: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<readonly Answer[]> {
  if (items.length <= REQUEST_ENTRIES) return ask(items)
  const requests: Promise<readonly Answer[]>[] = []
  for (let from = 0; from < items.length; from += REQUEST_ENTRIES)
    requests.push(ask(items.slice(from, from + REQUEST_ENTRIES)))
  return (await Promise.all(requests)).flat()
}
