import { SendMessageBatchCommand } from '@aws-sdk/client-sqs'
import type { BackendError } from '@jobport/core/adapter'
import { REQUEST_BYTES, REQUEST_ENTRIES } from '../limits.ts'
import type { Live } from '../live.ts'
import type { Parcel } from '../message/moved.ts'

export type Sent = 'sent' | BackendError

/** Sends messages to one queue, ten a request and requests in parallel, but in order within a group. Tells each answer. */
export async function send(
  live: Live,
  url: string,
  parcels: readonly Parcel[],
  tell: (index: number, answer: Sent) => void,
): Promise<void> {
  const carry = async (load: readonly Parcel[]): Promise<void> => {
    const answers = await sendLoad(live, url, load)
    load.forEach(({ index }, at) => tell(index, answers[at]!))
  }
  const loads: Promise<void>[] = []
  for (const [line, inLine] of linesOf(live, url, parcels)) {
    for (const load of loadsOf(inLine)) {
      loads.push(line === undefined ? carry(load) : live.lines.follow(line, () => carry(load)))
    }
  }
  await Promise.all(loads)
}

function linesOf(
  live: Live,
  url: string,
  parcels: readonly Parcel[],
): Iterable<[string | undefined, readonly Parcel[]]> {
  if (!live.settings.fifo) return [[undefined, parcels]]
  return Map.groupBy(parcels, ({ entry }) => {
    const group = entry.MessageGroupId!
    // A job without a group has one of its own: nothing to keep in order.
    return group.startsWith('j.') ? undefined : live.lines.lineOf(url, group)
  })
}

/** Up to ten, and as many bytes as a request may have. */
function loadsOf<Item extends { readonly bytes: number }>(items: readonly Item[]): readonly (readonly Item[])[] {
  const loads: Item[][] = []
  let load: Item[] = []
  let bytes = 0
  for (const item of items) {
    if (load.length === REQUEST_ENTRIES || (load.length > 0 && bytes + item.bytes > REQUEST_BYTES)) {
      loads.push(load)
      load = []
      bytes = 0
    }
    load.push(item)
    bytes += item.bytes
  }
  if (load.length > 0) loads.push(load)
  return loads
}

function sendLoad(live: Live, url: string, load: readonly Parcel[]): Promise<Sent[]> {
  return live.calls.batch<Parcel, 'sent'>(
    { operation: 'SendMessageBatch', url },
    load,
    async (parcels) => {
      const command = new SendMessageBatchCommand({
        QueueUrl: url,
        Entries: parcels.map(({ entry }, index) => ({ Id: String(index), ...entry })),
      })
      const { Failed = [] } = await live.client.send(command)
      return Failed
    },
    () => undefined,
    'sent',
  )
}
