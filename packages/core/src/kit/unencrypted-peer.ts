import { BlockList, isIPv6, Socket } from 'node:net'

/** Also holds for IPv4 addresses that are written as IPv6. */
const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8)
loopback.addAddress('::1', 'ipv6')

/**
 * The address at the other end of a connection that anybody on the way can read: over TCP, without TLS, and not to this machine. `undefined` of any other, and of what
 * a driver uses instead of a socket. `health` warns of one that a password is used on.
 *
 * @param stream what the driver has connected, not what it was told to connect to
 */
export function unencryptedPeer(stream: unknown): string | undefined {
  if (!(stream instanceof Socket) || 'encrypted' in stream) return undefined
  // A Unix socket has none.
  const { remoteAddress } = stream
  if (remoteAddress === undefined) return undefined
  return loopback.check(remoteAddress, isIPv6(remoteAddress) ? 'ipv6' : 'ipv4') ? undefined : remoteAddress
}
