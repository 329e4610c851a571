import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

// Below what systems give to outgoing connections and to servers that take any port: tests open those by the thousand,
// and one of them would have the port before the program that it was found for.
const FIRST = 20_000
const COUNT = 12_000

/**
 * A port on the loopback interface for a program that is told where to listen. It is not given out again while this process lives, so the program may
 * be long on its way there, or end and start again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if ((await reserve(port)) && (await isFree(port))) return port
  }
}

/** By the UDP port of the same number, which the programs do not use: all processes see it, and it becomes free when ours ends, however that is. */
function reserve(port: number): Promise<boolean> {
  const socket = createSocket('udp4').unref()
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
