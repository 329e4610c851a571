import { connect } from 'node:net'
import { connect as connectSecurely } from 'node:tls'

/** Connects, sends something and resolves to the first of what comes back. */
export function exchange(url: URL, defaultPort: number, message: string): Promise<string> {
  const secure = /^(rediss|amqps):$/.test(url.protocol)
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || defaultPort }
  return new Promise((resolve, reject) => {
    const socket = secure ? connectSecurely({ ...address, servername: address.host }) : connect(address)
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer in 5 s')))
    socket.on('error', reject)
    socket.on('end', () => reject(new Error('it closed the connection')))
    socket.once('data', (data) => {
      resolve(data.toString('latin1'))
      socket.destroy()
    })
    socket.write(message, 'latin1')
  })
}
