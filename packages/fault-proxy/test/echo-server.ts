import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** Answers each line with the same line, and remembers what it has executed. A line that begins with `slow` takes 10 ms. */
export async function echoServer(): Promise<EchoServer> {
  const executed: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    let rest = ''
    let busy = Promise.resolve()
    const execute = async (lines: readonly string[]): Promise<void> => {
      await busy
      if (lines.some((line) => line.startsWith('slow'))) await sleep(10)
      executed.push(...lines)
      if (lines.length > 0) socket.write(`${lines.join('\n')}\n`)
    }
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop()!
      busy = execute(lines)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    executed,
    sockets,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface EchoServer {
  readonly port: number
  readonly executed: readonly string[]
  readonly sockets: ReadonlySet<Socket>
  close(): Promise<void>
}
