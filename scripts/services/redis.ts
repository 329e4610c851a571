import { exchange } from './exchange.ts'
import type { Service } from './service.ts'

export const redis: Service = {
  name: 'redis',
  variable: 'REDIS_URL',
  binary: { name: 'redis-server', others: ['valkey-server'] },
  debian: 'redis-server',
  docker: { image: 'redis:7', port: 6379 },
  prepare: ({ binary, folder, port, durable = false }) => {
    const persistence = durable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no']
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...persistence]
    return [{ command: binary, args }]
  },
  url: (port) => `redis://127.0.0.1:${port}`,
  async ping(url) {
    // A server that wants a password or still loads its data answers with an error, and answers all the same.
    const reply = await exchange(url, 6379, 'PING\r\n')
    if (!reply.startsWith('+PONG') && !reply.startsWith('-NOAUTH')) throw new Error(`it answered ${reply.trim()}`)
  },
}
