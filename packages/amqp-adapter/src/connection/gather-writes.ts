import type { Duplex } from 'node:stream'

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
