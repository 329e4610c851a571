import { Duplex } from 'node:stream'
import type { Channel } from 'amqplib'

/**
 * The driver writes message by message, and each would be a packet of its own that both sides pay for. What is written in one turn of the event
 * loop leaves together instead, at its end.
 */
export function gatherWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean
  let isGathering = false
  const send = (): void => {
    isGathering = false
    socket.uncork()
  }
  const gather = (...given: unknown[]): boolean => {
    if (!isGathering) {
      isGathering = true
      socket.cork()
      process.nextTick(send)
    }
    return write(...given)
  }
  socket.write = gather as Duplex['write']
}

/** For what already is all that is to be said: it leaves at once, behind what is gathered. */
export function writeNow(socket: Duplex, piece: Buffer): void {
  const write = Duplex.prototype.write as (this: Duplex, piece: Buffer) => boolean
  write.call(socket, piece)
}

/**
 * The driver passes what a channel says through a stream of its own and another turn of the event loop, to be fair to the channels of a connection. Ours
 * have nothing to be fair about, since each says all it has at once: so it goes to the socket directly. Where the driver is built otherwise nothing changes.
 */
export function writeDirectly(channel: Channel): void {
  const { connection, ch } = channel as Partial<Inside>
  const buffer = connection?.channels?.[ch!]?.buffer
  const socket = connection?.stream
  if (buffer === undefined || socket === undefined) return
  buffer.write = socket.write.bind(socket)
}

/** What is used of the inside of the driver. */
interface Inside {
  readonly ch: number
  readonly connection: {
    readonly stream?: Duplex
    readonly channels?: readonly ({ readonly buffer?: Duplex } | null)[]
  }
}
