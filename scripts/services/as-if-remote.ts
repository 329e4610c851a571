import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** Of the addresses that are kept for documentation. */
export const REMOTE = '203.0.113.7'

/**
 * While `body` runs, sockets that this process connects say that their other end is another machine. They reach what they were told to reach, so that a connection to
 * elsewhere can be tried on a machine without network.
 */
export async function asIfRemote<T>(body: () => Promise<T>): Promise<T> {
  const { connect } = Socket.prototype
  const remoteAddress = { value: REMOTE, configurable: true }
  // One around another socket does not connect by itself.
  Object.defineProperty(TLSSocket.prototype, 'remoteAddress', remoteAddress)
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    Object.defineProperty(this, 'remoteAddress', remoteAddress)
    return Reflect.apply(connect, this, args) as Socket
  }
  try {
    return await body()
  } finally {
    Socket.prototype.connect = connect
    Reflect.deleteProperty(TLSSocket.prototype, 'remoteAddress')
  }
}
