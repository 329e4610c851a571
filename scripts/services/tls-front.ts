import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { createServer as createTlsServer, type ConnectionOptions } from 'node:tls'

const key = Buffer.alloc(32, 'both know it')
const ciphers = 'PSK'

export interface TlsFront extends AsyncDisposable {
  readonly port: number
  /** Lets a client in by a key that both sides know: no certificate is needed. */
  readonly options: Required<Pick<ConnectionOptions, 'ciphers' | 'checkServerIdentity'>> &
    Pick<ConnectionOptions, 'pskCallback'>
}

/**
 * Takes TLS off connections, and hands on what is in them to a server on this machine that has none.
 * @param agrees whether clients ask in plain text for TLS first, as those of Postgres do
 */
export async function tlsFront(server: number, agrees = false): Promise<TlsFront> {
  const open = new Set<Socket>()
  const opened = createTlsServer({ ciphers, pskCallback: () => key }, (plain) =>
    pipeline(plain, connect(server, '127.0.0.1'), plain, () => {}),
  )
  const front = createServer((socket) => {
    open.add(socket.on('error', () => {}))
    const begin = () => opened.emit('connection', socket)
    if (agrees) socket.once('data', () => socket.pause().write('S', begin))
    else begin()
  })
  await once(front.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (front.address() as AddressInfo).port,
    options: { ciphers, pskCallback: () => ({ psk: key, identity: 'test' }), checkServerIdentity: () => undefined },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => front.close(resolve))
    },
  }
}
