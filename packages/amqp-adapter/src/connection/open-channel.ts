import { BackendError, type Ms } from '@jobport/core/adapter'
import type { Channel, ChannelModel } from 'amqplib'
import { NAME } from '../limits.ts'
import { writeDirectly } from './gather-writes.ts'
import { within } from './within.ts'

/** A channel for deliveries. @throws BackendError `unavailable` without a connection. */
export async function openChannel(connection: ChannelModel | undefined, patience: Ms): Promise<Channel> {
  if (connection === undefined) {
    throw new BackendError('unavailable', NAME, 'there is no connection to the server', { outcome: 'none' })
  }
  const channel = await within(patience, connection.createChannel())
  writeDirectly(channel)
  return channel
}
