import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, Socket, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { connect as connectSecurely } from 'node:tls'
import { expect, it } from 'vitest'
import { asIfRemote, REMOTE } from '../../../../scripts/services/as-if-remote.ts'
import { tlsFront } from '../../../../scripts/services/tls-front.ts'
import { unencryptedPeer } from './unencrypted-peer.ts'

function socketTo(remoteAddress: string): Socket {
  return Object.defineProperty(new Socket(), 'remoteAddress', { value: remoteAddress })
}

it.each(['10.0.0.7', '128.0.0.1', '126.255.255.255', '::ffff:10.0.0.7', '2001:db8::1', 'fe80::1%eth0', '::'])(
  'is %s',
  (address) => expect(unencryptedPeer(socketTo(address))).toBe(address),
)

it.each(['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
  'is nobody where %s is this machine',
  (address) => expect(unencryptedPeer(socketTo(address))).toBe(undefined),
)

it('is nobody where TLS is on the way', () =>
  asIfRemote(async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await using front = await tlsFront(port)
    const secure = connectSecurely({ ...front.options, port: front.port })
    await once(secure, 'secureConnect')
    const plain = connect(port, '127.0.0.1')
    await once(plain, 'connect')
    expect([secure, plain].map((socket) => socket.remoteAddress)).toEqual([REMOTE, REMOTE])
    expect([secure, plain].map(unencryptedPeer)).toEqual([undefined, REMOTE])
    for (const socket of [secure, plain]) socket.destroy()
    server.close()
  }))

it('is nobody over a Unix socket', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'peer-'))
  const server = createServer().listen(join(folder, 'socket'))
  await once(server, 'listening')
  const socket = connect(join(folder, 'socket'))
  await once(socket, 'connect')
  expect(unencryptedPeer(socket)).toBe(undefined)
  socket.destroy()
  server.close()
  await rm(folder, { recursive: true })
})

it.each([
  ['no connection', undefined],
  ['a socket that is not connected', new Socket()],
  ['another stream', new PassThrough()],
])('is nobody of %s', (_, stream) => expect(unencryptedPeer(stream)).toBe(undefined))
